"""Real processes under fire: PostgreSQL, Valkey, planners, workers and the sandbox, and what disturbs them.

python -m tests.fire --seed 1                        every kind
python -m tests.fire --kind kill-at-failpoints       one kind
python -m tests.fire --group broker --deliveries 40  a group, with few deliveries
python -m tests.fire --long --fleets 3               what lasts ten minutes, and a dump six hours old
python -m tests.fire --usual --json usual.json       eight faults for both designs, side by side

How to write a kind: in a module of `tests.fire.kinds`, write a function that takes the `Fleet` and disturbs
it, and add a `Kind` that names it to the module's `KINDS`; `tests.fire.kinds` joins these tuples.

def flush_each_second(fleet: Fleet) -> None:
    while fleet.busy():                              # something approved and due has not ended yet
        fleet.valkey.flush()
        fleet.pause(1)

KINDS = (Kind(name="broker-flushed", group="broker", play=flush_each_second),)

- A round: the fleet is whole, `fleet.burst` is approved and falls due `due.in_s` from now over `due.over_s`
  seconds; `play` disturbs and returns; the fleet is made whole again (`Fleet.heal`: every process runs
  unarmed, no sandbox fault waits); it works until quiet; `judging` compares the sandbox's log with the
  database.
- What you may do: `fleet.workers[0].kill()`, `.stop()`, `.freeze()`, `.thaw()`, `.start("answered:kill:3")`
  (a failpoint of scheduler.services.failpoints, `kill` or `stop`, after three passes), `.wait_dead()`;
  `fleet.valkey.process` and `fleet.postgres.process` (`.stop()`, `.kill()`, `.start()`, `.send(signal)`);
  `fleet.sandbox`, the control API (`add_fault` …); `fleet.runtime`, a runtime of our own on the same
  database; `fleet.seen()`, how many of the burst are on the platforms; `fleet.pause(seconds)`.
- What is expected: each delivery ends `published`. A kind that cannot decide class N says `doubtful=True`;
  one that ends otherwise names the states in `ends`. `rows` may change the imported table, `check` may add
  breaches.
- `embedded=True` runs `postroad up` on SQLite instead. Bound every wait: use `wait_until`.
"""
