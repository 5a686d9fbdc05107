export declare class PythonEnvironmentError extends Error {
  readonly code: 'PYTHON_MISSING' | 'PYTHON_TOO_OLD' | 'VENV_FAILED' | 'INSTALL_FAILED';
}

export declare function ensurePythonEnvironment(options: {
  readonly name: string;
  readonly requirements: string;
  readonly onProgress?: (line: string) => void;
  readonly signal?: AbortSignal;
  readonly env?: NodeJS.ProcessEnv;
  readonly folder?: string;
}): Promise<string>;
