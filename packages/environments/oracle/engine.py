"""The real ALFWorld engine over JSON lines, for comparison with ours.

One request a line on standard input, one answer a line on standard output:

    {"game": {…game.tw-pddl…}, "plan": true}  ->  {"observation", "admissible", "plan"}   starts a game; the plan is the planner's
    {"command": "go to bed 1"}                ->  {"observation", "admissible", "score", "done"}

The first line written is {"ready": true}. What the engine itself prints goes to standard error.
"""

import json
import os
import sys

answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
os.dup2(2, 1)  # The planner, compiled code, writes to file descriptor 1.
sys.stdout = sys.stderr

from textworld import EnvInfos  # noqa: E402
from textworld.envs.pddl import PddlEnv  # noqa: E402

from alfworld.agents.environment.alfred_tw_env import AlfredDemangler  # noqa: E402


def start(game, plan):
    # Without the wrapper names are raw identifiers and no command of a walkthrough is admissible.
    infos = EnvInfos(won=True, admissible_commands=True, score=True, feedback=True, policy_commands=plan)
    environment = AlfredDemangler(PddlEnv(infos))
    environment.load(game)
    state = environment.reset()
    answer = {"observation": state.feedback, "admissible": state["admissible_commands"]}
    if plan:
        answer["plan"] = state["policy_commands"]
    return environment, answer


def step(environment, command):
    state, score, done = environment.step(command)
    return {
        "observation": state.feedback,
        "admissible": state["admissible_commands"],
        "score": score,
        "done": done,
    }


def main():
    environment = None
    print(json.dumps({"ready": True}), file=answers, flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        if "game" in request:
            environment = None  # Frees the planner's memory before the next game is loaded.
            environment, answer = start(request["game"], request.get("plan", False))
        else:
            answer = step(environment, request["command"])
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
