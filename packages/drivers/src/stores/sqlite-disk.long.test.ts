import { testDisks } from '../../test-support/disk-suite.ts';

testDisks({ rounds: 100 });
