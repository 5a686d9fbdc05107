import { productModule, type Product } from './product-module.ts';
import { scanModule, type DotInstruction, type Scan } from './scan-module.ts';
import { webAssembly, type WasmMemory, type WebAssemblyLike } from './web-assembly.ts';

/** What the scan is made with; `none`: without WebAssembly or its SIMD, vectors are compared in JavaScript. */
export type ScanEngine = DotInstruction | 'none';

/** The fastest engine that works here. */
export function findScanEngine(engine: Pick<WebAssemblyLike, 'validate'> | undefined = webAssembly): ScanEngine {
  return (['relaxed', 'plain'] as const).find((dot) => engine?.validate(scanModule(dot, 16, 0)) === true) ?? 'none';
}

export interface LoadedScan {
  readonly memory: WasmMemory;
  readonly scan: Scan;
  readonly product: Product;
}

/** Where the scan's memory holds what; the rows come last, as they grow. */
export interface ScanLayout {
  /** The query's codes, then in double precision, and the row to be multiplied with it. */
  readonly query: number;
  readonly wideQuery: number;
  readonly wideRow: number;
  readonly rows: number;
}

/** A scan with a memory of its own, for rows of so many codes; compiled once per size. */
export function loadScan(dot: DotInstruction, codeBytes: number, layout: ScanLayout): LoadedScan {
  const { Memory, Instance } = webAssembly!;
  const memory = new Memory({ initial: layout.rows / 65_536, maximum: 65_536 });
  const run = (key: string, bytes: () => Uint8Array<ArrayBuffer>): unknown =>
    new Instance(compile(key, bytes), { m: { memory } }).exports['run'];
  return {
    memory,
    scan: run(`${dot} ${codeBytes}`, () => scanModule(dot, codeBytes, layout.query)) as Scan,
    product: run('product', () => productModule(layout.wideRow, layout.wideQuery)) as Product,
  };
}

const compiled = new Map<string, object>();

/** @param key - that stands for the bytes, all of one layout. */
function compile(key: string, bytes: () => Uint8Array<ArrayBuffer>): object {
  const module = compiled.get(key) ?? new webAssembly!.Module(bytes());
  compiled.set(key, module);
  return module;
}
