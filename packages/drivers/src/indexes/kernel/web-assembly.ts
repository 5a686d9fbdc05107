/** What we use of the global `WebAssembly`, which TypeScript knows only together with a browser's. */
export interface WebAssemblyLike {
  validate(bytes: Uint8Array<ArrayBuffer>): boolean;
  readonly Memory: new (pages: { readonly initial: number; readonly maximum: number }) => WasmMemory;
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (
    module: object,
    imports: object,
  ) => {
    readonly exports: Readonly<Record<string, unknown>>;
  };
}

export interface WasmMemory {
  /** Another one after growing. */
  readonly buffer: ArrayBuffer;
  /** By pages of 64 KiB. */
  grow(pages: number): number;
}

/** Absent where the engine has none, as with `--jitless`. */
export const webAssembly = (globalThis as { readonly WebAssembly?: WebAssemblyLike }).WebAssembly;
