"""The real ALFWorld engine over JSON lines, for comparison with ours.

One request a line on standard input, one answer a line on standard output:

    {"game": {...game.tw-pddl...}, "commands": ["go to bed 1", ...], "plan": true}
    {"turns": [{"observation", "admissible", "score", "done"}, ...], "plan": ["go to bed 1", ...]}

The first turn is the reset. The plan is the planner's, from the reset; absent where it was not asked for. A game that
cannot be played is answered with {"error"}. What the engine itself prints goes to standard error.
"""

import copy
import functools
import json
import os
import sys
import traceback

answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
os.dup2(2, 1)  # The planner is compiled code and writes to file descriptor 1.
sys.stdout = sys.stderr

import fast_downward  # noqa: E402
import textworld.logic  # noqa: E402
from textworld import EnvInfos  # noqa: E402
from textworld.envs.pddl import PddlEnv, textgen  # noqa: E402
from textworld.generator.game import EntityInfo  # noqa: E402
from textworld.logic import Placeholder, Variable  # noqa: E402

from alfworld.agents.environment.alfred_tw_env import AlfredDemangler  # noqa: E402

# The engine translates a game when it loads it, and again at every reset: most of the time of a short play.
fast_downward.pddl2sas = functools.lru_cache(maxsize=2)(fast_downward.pddl2sas)


def parse_once(parse):
    """The parser, remembering what it parsed. Its caller may write into the answer, so each gets a copy."""
    parsed = functools.lru_cache(maxsize=None)(parse)
    return lambda text, **options: copy.deepcopy(parsed(text, **options))


# Each time it tells a text or asks a query, it parses it anew: most of the time of a step.
textgen._parse_and_convert = parse_once(textgen._parse_and_convert)
textworld.logic._parse_and_convert = parse_once(textworld.logic._parse_and_convert)

# And it copies all that a rule may name, down to the names. Nobody writes into these three once a game is loaded.
for unchanging in (EntityInfo, Placeholder, Variable):
    unchanging.__deepcopy__ = lambda self, memo: self


def play(game, commands, plan):
    infos = EnvInfos(won=True, admissible_commands=True, score=True, feedback=True, policy_commands=plan)
    # Without the wrapper names are raw identifiers, and no command of a walkthrough is admissible.
    environment = AlfredDemangler(PddlEnv(infos))
    environment.load(game)
    state = environment.reset()
    infos.policy_commands = False  # Else it plans again at every step.
    answer = {"turns": [turn(state, 0, False)]}
    if plan:
        answer["plan"] = state["policy_commands"]
    for command in commands:
        answer["turns"].append(turn(*environment.step(command)))
    return answer


def turn(state, score, done):
    return {
        "observation": state.feedback,
        "admissible": state["admissible_commands"],
        "score": score,
        "done": done,
    }


def main():
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = play(request["game"], request["commands"], request.get("plan", False))
        except Exception:  # One game's failure is an answer; the process serves the next.
            answer = {"error": traceback.format_exc()}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
