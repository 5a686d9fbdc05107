/** Typed news of long work, observed alike by the command line and by programs. */
export type ProgressEvent =
  | {
      readonly type: 'stage-start';
      readonly stage: string;
      readonly total?: number;
      readonly unit?: string;
    }
  | {
      readonly type: 'stage-advance';
      readonly stage: string;
      readonly done: number;
      readonly total?: number;
      readonly note?: string;
    }
  | {
      readonly type: 'stage-end';
      readonly stage: string;
      readonly done: number;
      readonly durationMs: number;
    }
  | { readonly type: 'notice'; readonly message: string };

export type Progress = (event: ProgressEvent) => void;

export const noProgress: Progress = () => {};
