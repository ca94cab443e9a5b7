#!/usr/bin/env python3
"""run_tests.py - the pages of xnatarchive-server in a headless Chromium.

usage: run_tests.py server=PROGRAM out=DIR [-- UNITTEST_ARGUMENT ...]
  DIR gets the screenshots, and axe-core, which checks accessibility, from npm
  example: run_tests.py server=build/dev/examples/server/xnatarchive-server out=DIR -- -v test_work

Debian's packages chromium, chromium-driver and python3-selenium; where they are missing it ends with
77. Without npm the accessibility check is skipped."""

import importlib.util
import shutil
import subprocess
import sys
import tarfile
import unittest
from pathlib import Path

sys.dont_write_bytecode = True  # The source tree stays as it is.
sys.path.insert(0, str(Path(__file__).parent))

AXE = 'axe-core@4.14.1'
SKIPPED = 77


def axe_script(folder):
    """The path of axe.min.js below `folder`, or None. What is there already is taken."""
    script = folder / AXE / 'package/axe.min.js'
    if script.exists() or not shutil.which('npm'):
        return script if script.exists() else None
    script.parent.parent.mkdir(parents=True, exist_ok=True)
    packed = subprocess.run(['npm', 'pack', '--silent', AXE], cwd=folder / AXE, text=True,
                            stdout=subprocess.PIPE, check=False)
    if packed.returncode != 0:
        return None
    with tarfile.open(folder / AXE / packed.stdout.split()[-1]) as package:
        package.extract('package/axe.min.js', folder / AXE)
    return script


def main():
    arguments = sys.argv[1:]
    split = arguments.index('--') if '--' in arguments else len(arguments)
    given = dict(argument.split('=', 1) for argument in arguments[:split])
    chromium, driver = shutil.which('chromium'), shutil.which('chromedriver')
    if not chromium or not driver or not importlib.util.find_spec('selenium'):
        print('skipped: no chromium, chromium-driver or python3-selenium here')
        sys.exit(SKIPPED)
    import browser_test
    out = Path(given['out']).resolve()
    browser_test.SETTINGS.update(server=str(Path(given['server']).resolve()), chromium=chromium,
                                 chromedriver=driver, screenshots=str(out / 'screenshots'),
                                 axe=axe_script(out))
    chosen = arguments[split + 1:] or ['discover', '--start-directory', str(Path(__file__).parent)]
    unittest.main(module=None, argv=[sys.argv[0], *chosen])


if __name__ == '__main__':
    main()
