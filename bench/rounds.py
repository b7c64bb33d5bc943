"""Makes and runs one kernel in all engines, in turns, and looks at outputs before times."""
import os
import subprocess
import tempfile


def run(command):
    """(standard output, exit code, CPU seconds) of one process."""
    with tempfile.TemporaryFile() as output:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output,
                                 stderr=subprocess.DEVNULL)
        try:
            _, status, usage = os.wait4(child.pid, 0)
        except BaseException:
            child.kill()
            child.wait()
            raise
        child.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        return output.read(), child.returncode, usage.ru_utime + usage.ru_stime


def prepare(engine, kernel, arguments, build, directory):
    """What is known of a kernel in an engine before it runs."""
    directory = directory / engine.name
    directory.mkdir(parents=True, exist_ok=True)
    commands, command = engine.prepare(kernel, build, directory)
    measured = {"prepare": commands, "command": command + arguments, "seconds": [], "problem": None}
    for step in commands:
        done = subprocess.run(step, capture_output=True, text=True, errors="replace")
        if done.returncode != 0:
            measured["problem"] = {"word": "REFUSED", "text": f"{' '.join(step)}: exit code "
                                   f"{done.returncode}: {done.stderr.strip()[:500]}"}
            break
    return measured


def measure_once(measured, expected):
    """Runs a kernel once; its output is looked at before its time. Returns the output."""
    output, code, seconds = run(measured["command"])
    if code != 0:
        measured["problem"] = {"word": "FAILED", "text": f"exit code {code}"}
    elif expected is not None and output != expected:
        measured["problem"] = {"word": "WRONG", "text": f"printed {output[:80]!r}, native printed "
                               f"{expected[:80]!r}"}
    else:
        measured["seconds"].append(seconds)
    return output


def measure(result, runs):
    """Rounds over all engines of one kernel."""
    expected = None
    for _ in range(runs):
        for name, measured in result["engines"].items():
            if measured["problem"] is None:
                output = measure_once(measured, expected)
                expected = output if name == "native" else expected
