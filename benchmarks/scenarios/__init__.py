"""The scenarios, in the order of the table. Adding one is a file beside these and a line here."""

from benchmarks.scenarios.fanout import FANOUT
from benchmarks.scenarios.foreign import FOREIGN
from benchmarks.scenarios.passing import PRESENCE, TYPING
from benchmarks.scenarios.reading import HISTORY, LIST
from benchmarks.scenarios.sending import MIX, SEND
from benchmarks.scenarios.sockets import CONNECTIONS, IDLE

SCENARIOS = {
    scenario.name: scenario
    for scenario in (SEND, FANOUT, IDLE, CONNECTIONS, HISTORY, LIST, FOREIGN, PRESENCE, TYPING, MIX)
}
