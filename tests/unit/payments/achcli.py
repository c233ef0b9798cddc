"""Moov's ACH validator, as the tests call it: an implementation of the Nacha rules that nobody here wrote."""

import json
import os
import subprocess
from pathlib import Path

BUILT = Path(__file__).resolve().parents[3] / ".matins" / "tools" / "achcli"


class Achcli:
    """The program that `make tools` builds, or that MATINS_ACHCLI names.

    Only `-reformat=ach` checks all: it reads the file and writes it anew, which compares the file control with the
    batches. `-reformat=json` does not look at the file control, and without `-reformat` every file ends with code 0.
    """

    def __init__(self, scratch):
        self.program = Path(os.environ.get("MATINS_ACHCLI", BUILT))
        self.scratch = scratch

    def run(self, data, to):
        path = self.scratch / "file"
        path.write_bytes(data)
        done = subprocess.run([self.program, f"-reformat={to}", path], capture_output=True, text=True, check=False)
        assert (done.returncode == 1) == done.stdout.startswith("ERROR: "), done
        return done

    def read(self, data):
        """Return as JSON what a file holds; it must be sound, and to the byte what the tool itself would write.

        But for the origin in columns 14 to 23: the tool cuts a company's ten digits to a bank's nine.
        """
        rewritten, content = self.run(data, "ach"), self.run(data, "json")
        assert rewritten.returncode == 0, rewritten.stdout
        assert rewritten.stdout[:13] + rewritten.stdout[23:] == data[:13].decode() + data[23:].decode()
        return json.loads(content.stdout)

    def fault(self, data):
        """Return what is wrong with a file; the test fails if nothing is."""
        done = self.run(data, "ach")
        assert done.returncode == 1
        return done.stdout

    def write(self, content):
        """Return the file of such JSON."""
        done = self.run(json.dumps(content).encode(), "ach")
        assert done.returncode == 0, done.stdout
        return done.stdout.encode()
