#!/usr/bin/env node
import { enableCompileCache } from 'node:module';

// Before anything is loaded: what Node makes of the modules is kept for the next start, which takes half of the time then.
enableCompileCache();
await import('./program.ts');
