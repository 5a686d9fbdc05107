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
}

/** A scan of its own memory, for rows of so many codes; compiled once per size. */
export function loadScan(dot: DotInstruction, codeBytes: number, query: number, pages: number): LoadedScan {
  const { Module, Memory, Instance } = webAssembly!;
  const key = `${dot} ${codeBytes} ${query}`;
  const module = compiled.get(key) ?? new Module(scanModule(dot, codeBytes, query));
  compiled.set(key, module);
  const memory = new Memory({ initial: pages, maximum: 65_536 });
  return { memory, scan: new Instance(module, { m: { memory } }).exports['run'] as Scan };
}

const compiled = new Map<string, object>();
