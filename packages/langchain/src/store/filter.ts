import { isObject } from '../messages.ts';

const operators = new Set(['$eq', '$ne', '$gt', '$gte', '$lt', '$lte', '$in', '$nin']);

/**
 * Whether a value has what a filter of LangGraph asks of its fields: equal values, or operators. Sizes are compared as numbers. A filter that
 * is an object without operators equals nothing, and one without any field asks nothing.
 */
export function meetsFilter(value: unknown, filter: Readonly<Record<string, unknown>> | undefined): boolean {
  if (filter === undefined || filter === null) return true;
  const fields = (value ?? {}) as Readonly<Record<string, unknown>>;
  return Object.entries(filter).every(([field, wanted]) => meets(fields[field], wanted));
}

function meets(value: unknown, wanted: unknown): boolean {
  if (!isObject(wanted) || !Object.keys(wanted).every((key) => operators.has(key))) return value === wanted;
  return Object.entries(wanted).every(([operator, bound]) => compare(value, operator, bound));
}

function compare(value: unknown, operator: string, bound: unknown): boolean {
  switch (operator) {
    case '$eq':
      return value === bound;
    case '$ne':
      return value !== bound;
    case '$gt':
      return Number(value) > Number(bound);
    case '$gte':
      return Number(value) >= Number(bound);
    case '$lt':
      return Number(value) < Number(bound);
    case '$lte':
      return Number(value) <= Number(bound);
    case '$in':
      return Array.isArray(bound) && bound.includes(value);
    default:
      return !Array.isArray(bound) || !bound.includes(value);
  }
}
