import { testKilledBackups } from './fixtures/backup-kill-suite.ts';

testKilledBackups({ rounds: 20 });
