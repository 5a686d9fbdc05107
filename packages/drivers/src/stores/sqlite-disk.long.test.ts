import { testDisks } from './fixtures/disk-suite.ts';

testDisks({ rounds: 100 });
