"""The guide's example is run exactly as it stands on the page."""

import re
import subprocess
import sys
from pathlib import Path

GUIDE = Path(__file__).parents[2] / "docs" / "connectors" / "add-a-connector.md"
BLOCK = re.compile(r"^`(\w+\.py)`:\n\n```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def test_the_example_connector_passes_the_suite(tmp_path: Path) -> None:
    blocks = dict(BLOCK.findall(GUIDE.read_text(encoding="utf-8")))
    assert list(blocks) == ["noticeboard.py", "test_noticeboard.py"]
    for name, content in blocks.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider"]
    finished = subprocess.run(
        [*command, "--rootdir", tmp_path, "-c", "/dev/null", "test_noticeboard.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout
    assert " passed" in finished.stdout
    assert " failed" not in finished.stdout
