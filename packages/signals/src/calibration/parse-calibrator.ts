import type { Calibrator } from './calibrator.ts';

/**
 * Reads a calibrator that was written as JSON.
 *
 * @throws {RangeError} when it is not one, naming the field.
 */
export function parseCalibrator(value: unknown): Calibrator {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw refused('the whole', value, 'an object as `fitCalibrator` makes it');
  }
  const record = value as Readonly<Record<string, unknown>>;
  const base = {
    id: textAt(record, 'id'),
    policyVersion: textAt(record, 'policyVersion'),
    outcomes: numberAt(record, 'outcomes', (count) => Number.isSafeInteger(count) && count >= 0, 'a count'),
    baseRate: numberAt(record, 'baseRate', isProbability, 'a probability in [0, 1]'),
  };
  switch (record['method']) {
    case 'identity':
      return { ...base, method: 'identity' };
    case 'temperature':
      return {
        ...base,
        method: 'temperature',
        temperature: numberAt(record, 'temperature', (degree) => degree > 0, 'a number above 0'),
      };
    case 'platt':
      return {
        ...base,
        method: 'platt',
        slope: numberAt(record, 'slope', isModest, 'a number within ±1e100'),
        intercept: numberAt(record, 'intercept', isModest, 'a number within ±1e100'),
      };
    case 'isotonic': {
      const confidences = probabilitiesAt(record, 'confidences');
      const probabilities = probabilitiesAt(record, 'probabilities');
      if (
        confidences.length !== probabilities.length ||
        !isRising(confidences, true) ||
        !isRising(probabilities, false)
      ) {
        throw refused(
          'confidences and probabilities',
          value,
          'as many strictly rising confidences as non-decreasing probabilities',
        );
      }
      return { ...base, method: 'isotonic', confidences, probabilities };
    }
    case 'beta-binomial':
      return { ...base, method: 'beta-binomial', probabilities: probabilitiesAt(record, 'probabilities') };
    default:
      throw refused('method', record['method'], 'identity, temperature, platt, isotonic or beta-binomial');
  }
}

function textAt(record: Readonly<Record<string, unknown>>, key: string): string {
  const value = record[key];
  if (typeof value !== 'string' || value === '') throw refused(key, value, 'a text that is not empty');
  return value;
}

function numberAt(
  record: Readonly<Record<string, unknown>>,
  key: string,
  isAllowed: (value: number) => boolean,
  wanted: string,
): number {
  const value = record[key];
  if (typeof value !== 'number' || !Number.isFinite(value) || !isAllowed(value)) throw refused(key, value, wanted);
  return value;
}

function probabilitiesAt(record: Readonly<Record<string, unknown>>, key: string): readonly number[] {
  const value: unknown = record[key];
  if (!Array.isArray(value) || value.length === 0 || !value.every(isProbability)) {
    throw refused(key, value, 'a list of probabilities in [0, 1]');
  }
  return value;
}

function isProbability(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= 1;
}

/** Small enough that no sum or product with a logit overflows. */
function isModest(value: number): boolean {
  return Math.abs(value) <= 1e100;
}

function isRising(values: readonly number[], strictly: boolean): boolean {
  return values.every(
    (value, index) => index === 0 || (strictly ? values[index - 1]! < value : values[index - 1]! <= value),
  );
}

function refused(key: string, value: unknown, wanted: string): RangeError {
  const found = typeof value === 'object' && value !== null ? 'another object or list' : String(value);
  return new RangeError(`This is no calibrator: ${key} is ${found}; give ${wanted}.`);
}
