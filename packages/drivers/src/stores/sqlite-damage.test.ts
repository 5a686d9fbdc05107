import { testDamage } from './fixtures/damage-suite.ts';

testDamage({ rounds: 20, flips: 150 });
