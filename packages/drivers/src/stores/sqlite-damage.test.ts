import { testDamage } from '../../test-support/damage-suite.ts';

testDamage({ rounds: 20, flips: 150 });
