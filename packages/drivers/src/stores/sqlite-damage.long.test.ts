import { testDamage } from './fixtures/damage-suite.ts';

testDamage({ rounds: 100, flips: 3000 });
