import { testKilledBackups } from '../../test-support/backup-kill-suite.ts';

testKilledBackups({ rounds: 20 });
