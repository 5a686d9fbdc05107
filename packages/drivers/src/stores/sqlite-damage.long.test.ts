import { testDamage } from '../../test-support/damage-suite.ts';

testDamage({ rounds: 100, flips: 3000 });
