#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What bench/harness makes of figures: no program is measured here."""

import importlib.machinery
import importlib.util
import pathlib
import signal
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "bench"))

from harness import (documents, ground, measures, plot, process, rounds, session,
                     table)
from harness.case import Case, Goal, Row
from harness.contender import Contender, programs
from harness.failed import figures


def program(path):
    """A program without a suffix, as a module."""
    loader = importlib.machinery.SourceFileLoader("command_line", str(path))
    module = importlib.util.module_from_spec(
        importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


command_line = program(
    pathlib.Path(__file__).resolve().parents[2] / "bench" / "run")

SAMPLES = {
    ("switch", "switch"): {
        "simul": {"unit": "ns", "values": [9.0, 7.0, 8.0]},
        "go": {"unit": "ns", "values": [80.0, 90.0, 70.0]}},
    ("walk", "walk"): {
        "simul": {"unit": "ns", "values": [500.0]},
        "gnu": {"unit": "ns", "values": [700.0]}},
    **{("echo-1k-50", measure): {
        name: {"unit": unit, "values": [value * scale, value]}
        for name, scale in (("simul", 1.2), ("epoll", 1.1), ("uring", 1.0))}
        for measure, unit, value in (
            ("cpu", "us", 6.0), ("rate", "/s", 9e4), ("p50", "us", 300),
            ("p99", "us", 500), ("p999", "us", 900))},
    **{(f"connections-{n}", "cpu"): {
        "simul": {"unit": "us", "values": [8.0]}}
        for n in ("10", "100", "1k")},
}


def results():
    samples = dict(SAMPLES)
    return {
        "machine": {"cpu": "a <machine>", "cores": 2, "memory_gb": 1,
                    "kernel": "Linux", "architecture": "x86_64",
                    "pinned_to_core": 1, "server_on_core": 0,
                    "vm.max_map_count": "1", "vm.overcommit_memory": "0"},
        "quick": False, "rounds": 3, "seconds": 1.0,
        "contenders": [
            {"name": name, "title": name.title(), "version": "1",
             "column": name in ("simul", "go")}
            for name in ("simul", "go", "epoll", "uring", "gnu")],
        "left_out": ["kotlin: not there"],
        "noise": {"shares": {}, "warnings": ["it was loud"]},
        "rows": measures.judge(samples),
        "flatness": measures.judge_flatness(samples, "growth", "growth", 5),
        "flat_connections": measures.judge_flatness(
            samples, "connections", "cpu", 3),
        "instructions": {"switch": {"simul": 42.0}},
    }


class Figures(unittest.TestCase):
    def test_lines_of_programs_are_read_and_others_passed_over(self):
        text = "hello\nmeasure=cpu value=6.5 unit=us n=100\n"
        self.assertEqual(figures(text), {"cpu": ("us", 6.5)})

    def test_a_row_has_median_range_ratio_and_verdict(self):
        row = measures.judge(SAMPLES)[0]
        self.assertEqual(row["results"]["simul"]["median"], 8)
        self.assertEqual((row["results"]["go"]["low"],
                          row["results"]["go"]["high"]), (70, 90))
        self.assertEqual(row["results"]["go"]["ratio"], 0.1)
        self.assertEqual(row["over"], 0)
        self.assertEqual(table.verdict(row), "met by 0%")

    def test_a_goal_can_be_a_multiple_of_the_best_of_several(self):
        row = next(r for r in measures.judge(SAMPLES)
                   if (r["case"], r["measure"]) == ("echo-1k-50", "cpu"))
        self.assertAlmostEqual(row["over"], 6.6 / (1.05 * 6.0) - 1)
        self.assertEqual(row["goal"], "<= 1.05 x the best raw one")
        self.assertIsNone(Goal(2, ("nobody",)).limit_for({}))

    def test_who_has_fewer_rounds_than_others_is_marked(self):
        row = measures.judge({("switch", "switch"): {
            "simul": {"unit": "ns", "values": [1.0, 2.0, 3.0]},
            "go": {"unit": "ns", "values": [8.0]}}})[0]
        self.assertEqual(table.span(row["results"]["go"]),
                         "8.00..8.00 in 1 round")
        self.assertEqual(table.span(row["results"]["simul"]), "1.00..3.00")
        self.assertIn("in 1 round", documents.cell(row["results"]["go"]))

    def test_a_name_behind_an_option_is_no_file(self):
        args = command_line.arguments(["--json", "echo", "--plot", "http"])
        self.assertEqual(args.names, ["echo", "http"])
        self.assertEqual(args.json, command_line.FIGURES)
        args = command_line.arguments(["--json=a.json", "--from"])
        self.assertEqual((args.json, args.source, args.markdown),
                         ("a.json", command_line.FIGURES, None))

    def test_samples_come_back_from_results(self):
        self.assertEqual(measures.samples_of(results()), SAMPLES)

    def test_results_are_saved_whole(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "new" / "figures.json"
            session.save(path, results())
            self.assertEqual(session.read(path)["rounds"], 3)
            self.assertEqual([p.name for p in path.parent.iterdir()],
                             ["figures.json"])

    def test_names_mean_cases_and_unknown_ones_are_refused(self):
        self.assertEqual([c.name for c in measures.choose(["echo-1"], False)],
                         ["echo-1"])
        self.assertGreater(len(measures.choose(["http"], False)), 2)
        self.assertFalse(any(c.load for c in measures.choose(["tasks"],
                                                             False)))
        with self.assertRaises(measures.UnknownName):
            measures.choose(["nonsense"], False)


class Shown(unittest.TestCase):
    def test_the_text_names_all_and_says_that_it_was_loud(self):
        text = table.text(results())
        for words in ("switch between two tasks", "echo, 1 KiB, 50",
                      "Uring", "left out: kotlin", "WARNING, not quiet",
                      "instructions in switch: Simul 42.0"):
            self.assertIn(words, text)

    def test_the_best_server_comes_first(self):
        rows = table.server_cases(results())["echo-1k-50"]
        self.assertEqual(table.ranked(rows["cpu"])[0], "uring")

    def test_documents_are_filled_in_at_their_places_only(self):
        text = ("before\n<!-- bench: overview -->\nold\n"
                "<!-- end of bench -->\nafter\n")
        filled = documents.fill(text, results())
        self.assertTrue(filled.startswith("before\n<!-- bench: overview"))
        self.assertTrue(filled.endswith("<!-- end of bench -->\nafter\n"))
        self.assertNotIn("old", filled)
        self.assertIn("| Simul | 6.60 |", filled)
        self.assertEqual(documents.fill(filled, results()), filled)

    def test_what_is_outside_has_a_table_of_its_own(self):
        lines = documents.outside(results())
        self.assertEqual(len(lines), 3)
        self.assertIn("| Simul | Gnu |", lines[0])
        self.assertIn("| 500 | 700 x0.71 |", lines[2])

    def test_every_part_of_the_documents_can_be_made(self):
        for name, part in documents.PARTS.items():
            self.assertTrue(part(results()), name)

    def test_plots_are_well_formed(self):
        drawings = plot.draw(results())
        self.assertIn("tasks.svg", drawings)
        self.assertIn("connections.svg", drawings)
        import xml.dom.minidom
        for name, svg in drawings.items():
            xml.dom.minidom.parseString(svg)
            self.assertNotIn("nan", svg, name)


class Ground(unittest.TestCase):
    def test_a_case_finds_what_it_needs_and_small_files_are_kept(self):
        case = Case("walk", "walk", [3], [], ground="tree",
                    args_of={"asyncio": [1]})
        with tempfile.TemporaryDirectory() as name:
            where = pathlib.Path(name)
            with session.on_ground(case, where) as ready:
                folder = ready.args[0]
                self.assertEqual(ready.args, [folder, 3])
                self.assertEqual(ready.args_of, {"asyncio": [folder, 1]})
                self.assertEqual(sum(1 for _ in folder.glob("*/*/*")), 1000)
                self.assertEqual(len(list((folder / "9/9/9").iterdir())),
                                 ground.IN_EACH)
            with session.on_ground(case, where) as again:
                self.assertEqual(again.args[0], folder)
            self.assertEqual(list(where.iterdir()), [folder])

    def test_large_files_are_gone_afterwards(self):
        case = Case("lines", "lines", [], [], ground="lines")
        with tempfile.TemporaryDirectory() as name:
            where = pathlib.Path(name)
            with session.on_ground(case, where) as ready:
                with (ready.args[0] / "lines").open("rb") as file:
                    self.assertEqual(len(file.readline()), 20)
                    self.assertEqual(len(file.readline()), 21)
            self.assertEqual(list(where.iterdir()), [])


class Watch:
    """In place of harness.machine.Watch."""

    core = server_core = 0

    def start(self):
        return None

    def stop(self, *_):
        pass


class Rounds(unittest.TestCase):
    def contender(self, name, script):
        return Contender(name, name, "1", programs(
            say=["sh", "-c", script]))

    def run_case(self, contenders, count=2):
        case = Case("say", "say", [], [Row("x", "x")])
        left_out = []
        samples = rounds.run_case(case, contenders, Watch(), count, left_out)
        return samples.get(("say", "x"), {}), left_out

    def test_contenders_take_turns_and_the_warm_up_does_not_count(self):
        with tempfile.NamedTemporaryFile("r") as order:
            script = ("echo {0} >>" + order.name
                      + "; echo measure=x value=1 unit=ns n=1")
            samples, _ = self.run_case(
                [self.contender(name, script.format(name)) for name in "ab"])
            self.assertEqual(order.read().split(), list("baabba"))
        self.assertEqual(samples["a"]["values"], [1, 1])

    def test_without_time_there_are_fewer_rounds_and_that_is_said(self):
        one = self.contender("one", "echo measure=x value=1 unit=ns n=1")
        case = Case("say", "say", [], [Row("x", "x")])
        left_out = []
        samples = rounds.run_case(case, [one], Watch(), 9, left_out,
                                  until=process.now())
        self.assertEqual(samples[("say", "x")]["one"]["values"], [1, 1, 1])
        self.assertEqual(left_out, ["say: rounds after number 3, for want "
                                    "of time"])

    def test_a_client_without_its_server_is_left_out(self):
        case = Case("ask", "ask", [], [Row("x", "x")],
                    against=("nobody", "http"))
        left_out = []
        self.assertEqual(rounds.run_case(case, [], Watch(), 1, left_out), {})
        self.assertEqual(left_out, ["ask: there is no nobody to serve it"])

    def test_who_fails_is_left_out_by_name(self):
        good = self.contender("good", "echo measure=x value=1 unit=ns n=1")
        bad = self.contender("bad", "echo broken >&2; exit 3")
        samples, left_out = self.run_case([bad, good])
        self.assertEqual(list(samples), ["good"])
        self.assertEqual(left_out, ["bad in say: ended with 3: broken"])

    def test_a_program_ends_with_all_that_it_has_started(self):
        program = process.start(
            ["sh", "-c", "sleep 1000 & echo $!; wait"],
            {min(__import__("os").sched_getaffinity(0))}, {}, text=True,
            stdout=subprocess.PIPE)
        child = int(program.stdout.readline())
        process.end(program)
        program.stdout.close()
        self.assertEqual(program.returncode, -signal.SIGTERM)
        self.assertTrue(gone(child))

    def test_a_program_that_takes_too_long_is_ended(self):
        program = process.start(
            ["sleep", "1000"], {0}, {}, stdout=subprocess.PIPE)
        with self.assertRaises(TimeoutError):
            process.finish(program, 0.1)
        program.stdout.close()
        self.assertIsNotNone(program.returncode)


def gone(pid):
    """Has the process ended? It may still be on its way to being reaped."""
    for _ in range(100):
        try:
            state = pathlib.Path(f"/proc/{pid}/stat").read_text().split()[2]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        __import__("time").sleep(0.05)
    return False


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
