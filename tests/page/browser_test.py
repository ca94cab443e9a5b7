"""browser_test.py - what every test in a browser shares: a server with a root of its own, a headless
Chromium, uploads made from scratch, and screenshots."""

import base64
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select, WebDriverWait

for neighbour in ('cli', 'server'):
    sys.path.insert(0, str(Path(__file__).parent.parent / neighbour))
from command_test import zip_bytes  # noqa: E402
from dicom_file import dicom_bytes  # noqa: E402
from server_case import password_hash  # noqa: E402

# Set by run_tests.py.
SETTINGS = {}
WAIT_S = 30
PASSWORD = 'a long secret'
# Who there is, and what they may do.
USERS = {'admin': '*:admin', 'reader': 'SHOWN:read'}


def study_zip(study, instances=2, **attributes):
    return zip_bytes({f's/{i}.dcm': dicom_bytes(study=study, instance=i, **attributes)
                      for i in range(1, instances + 1)})


class Server:
    """The program under test, on a port of its own."""

    def __init__(self, folder):
        self.root = Path(folder) / 'root'
        self.log = open(Path(folder) / 'server.log', 'wb')
        users = Path(folder) / 'users'
        users.write_text(''.join(f'{name} {password_hash(PASSWORD)} {roles}\n'
                                 for name, roles in USERS.items()))
        users.chmod(0o600)
        self.process = subprocess.Popen(
            [SETTINGS['server'], '--root', self.root, '--init', '--listen', '127.0.0.1:0',
             '--users', users],
            stdout=subprocess.PIPE, stderr=self.log, text=True)
        line = self.process.stdout.readline()
        match = re.match(r'listening at (\S+)', line)
        if not match:
            self.kill()
            raise AssertionError(f'the server said {line!r}')
        self.url = match[1]

    def stop(self):
        self.process.terminate()
        try:
            status = self.process.wait(30)
        finally:
            self.kill()
        if status != 0:
            raise AssertionError(f'the server ended with {status}')

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.log.close()


def start_browser():
    options = webdriver.ChromeOptions()
    options.binary_location = SETTINGS['chromium']
    for argument in ('--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage',
                     '--window-size=1200,900', '--hide-scrollbars', '--lang=en'):
        options.add_argument(argument)
    options.set_capability('goog:loggingPrefs', {'browser': 'ALL'})
    return webdriver.Chrome(options=options, service=Service(SETTINGS['chromedriver']))


class BrowserTest(unittest.TestCase):
    """One server and one browser for a class; each test has projects and sessions of its own."""

    @classmethod
    def setUpClass(cls):
        cls.folder = Path(tempfile.mkdtemp(prefix='xnat-page-'))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.server = Server(cls.folder)
        cls.addClassCleanup(cls.server.stop)
        cls.browser = start_browser()
        cls.addClassCleanup(cls.browser.quit)
        cls.browser.set_script_timeout(60)
        cls.browser.execute_cdp_cmd('Browser.setDownloadBehavior', {
            'behavior': 'allow', 'downloadPath': str(cls.folder / 'downloads')})
        cls.sign_in()

    def setUp(self):
        self.browser.get_log('browser')  # of the test before

    def tearDown(self):
        """Whatever a test does, no script fails and nothing is blocked."""
        self.look(1200, 900)
        complaints = [entry['message'] for entry in self.browser.get_log('browser')
                      if entry['level'] == 'SEVERE' and 'Failed to load resource' not in
                      entry['message']]
        self.assertEqual(complaints, [])

    @classmethod
    def sign_in(cls, user='admin'):
        cls.browser.delete_all_cookies()
        cls.browser.get(cls.server.url + '/')
        cls.browser.find_element(By.ID, 'username').send_keys(user)
        cls.browser.find_element(By.ID, 'password').send_keys(PASSWORD)
        cls.browser.find_element(By.CSS_SELECTOR, '#sign-in button').click()
        cls.wait_for('#sessions')

    # Looking.

    @classmethod
    def wait(cls, condition):
        waiting = WebDriverWait(cls.browser, WAIT_S, poll_frequency=0.05,
                                ignored_exceptions=[WebDriverException])
        return waiting.until(lambda _: condition())

    @classmethod
    def wait_for(cls, css):
        return cls.wait(lambda: cls.browser.find_elements(By.CSS_SELECTOR, css))[0]

    @classmethod
    def wait_text(cls, css, part):
        """The text of the first such element, once it has `part`."""
        try:
            cls.wait(lambda: part in cls.text(css))
        except Exception:
            raise AssertionError(f'{css} says {cls.text(css)!r}, not {part!r}') from None
        return cls.text(css)

    @classmethod
    def elements(cls, css):
        """(element, its text) of each, looked for again where the page draws them anew meanwhile."""
        return cls.wait(lambda: [[(e, e.text)
                                  for e in cls.browser.find_elements(By.CSS_SELECTOR, css)]])[0]

    @classmethod
    def text(cls, css):
        return '\n'.join(text for _, text in cls.elements(css))

    def find(self, css):
        return self.browser.find_element(By.CSS_SELECTOR, css)

    def button(self, text, within='body'):
        for button, label in self.elements(f'{within} button'):
            if label == text:
                return button
        raise AssertionError(f'no button {text!r}')

    def look(self, width, height, dark=False):
        """Sets the size and the colours."""
        self.browser.execute_cdp_cmd('Emulation.setDeviceMetricsOverride', {
            'width': width, 'height': height, 'deviceScaleFactor': 1, 'mobile': False})
        self.browser.execute_cdp_cmd('Emulation.setEmulatedMedia', {'features': [
            {'name': 'prefers-color-scheme', 'value': 'dark' if dark else 'light'}]})

    def screenshot(self, name):
        """The whole page, below the build tree."""
        height = self.browser.execute_script('return document.documentElement.scrollHeight')
        width = self.browser.execute_script('return innerWidth')
        picture = self.browser.execute_cdp_cmd('Page.captureScreenshot', {
            'captureBeyondViewport': True,
            'clip': {'x': 0, 'y': 0, 'width': width, 'height': min(height, 4000), 'scale': 1}})
        folder = Path(SETTINGS['screenshots'])
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f'{name}.png').write_bytes(base64.b64decode(picture['data']))

    # Doing.

    def open(self, path):
        self.browser.get(self.server.url + path)

    def rest(self, method, target, body=''):
        """(status, text) of what the page's own session may do over REST."""
        return tuple(self.browser.execute_async_script('''
            const [method, target, body, done] = arguments;
            fetch(target, {method, body: body || undefined, redirect: 'manual', headers: {
              'X-CSRF-Token': document.querySelector('meta[name=csrf]').content,
              'Content-Type': 'application/x-www-form-urlencoded'}})
              .then(async (r) => done([r.status, await r.text()]));''', method, target, body))

    def project(self, name):
        status, text = self.rest('PUT', f'/data/projects/{name}')
        self.assertIn(status, (200, 201), text)

    def file(self, name, data):
        path = self.folder / 'files' / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
        return str(path)

    def choose(self, select_id, value):
        Select(self.find('#' + select_id)).select_by_value(value)

    def upload(self, *files, project=None):
        """Sends files by the page's form; the targets of the links that tell what was received."""
        self.open('/')
        if project:
            self.browser.execute_script("document.querySelector('#upload details').open = true")
            self.choose('field-upload-project', project)
        self.find('#file').send_keys('\n'.join(files))
        self.wait(lambda: len(self.browser.find_elements(By.CSS_SELECTOR, '#uploads li[class]')) ==
                  len(files))
        self.assertEqual(self.text('#uploads li.error'), '')
        return [link.get_attribute('href')
                for link in self.browser.find_elements(By.CSS_SELECTOR, '#uploads a')]

    def check(self):
        self.button('Check', '#archive').click()
        self.wait_for('#found')

    def archive(self):
        """Archives what is shown; the target of the link to it."""
        self.find('#archive-button').click()
        self.wait_text('#archive > .outcome', 'It is archived')
        return self.find('#archive > .outcome a').get_attribute('href')
