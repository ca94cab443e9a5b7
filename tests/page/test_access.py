"""test_access.py - for everybody: by keyboard, without script, on a small screen, in the dark, with
a screen reader; and whatever text somebody put into the data."""

from pathlib import Path

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from browser_test import SETTINGS, BrowserTest, study_zip

EVIL = '<img src=x onerror="window.hit=1"><script>window.hit=1</script>\'; DROP TABLE x; --&quot;'


class EveryPage(BrowserTest):
    """A session that waits in conflict with one that is archived."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        self = cls()
        self.project('ALL')
        first, = self.upload(self.file('1.zip', study_zip(301)), project='ALL')
        self.browser.get(first)
        self.archive()
        again, = self.upload(self.file('2.zip', study_zip(301, PatientComments='other')),
                             project='ALL')
        cls.waiting = again[len(cls.server.url):]
        cls.pages = {
            'list': '/', 'empty list': '/?state=error', 'session': cls.waiting,
            'checked': cls.waiting + '?check=1&scan=1', 'archive': '/page/archive',
            'archived': '/page/archive/ALL/BD0301_MR1?scan=1', 'audit': '/page/audit',
            'not found': '/page/none'}

    def test_no_page_is_wider_than_a_small_screen(self):
        self.look(360, 740)
        for name, path in self.pages.items():
            with self.subTest(name):
                self.open(path)
                width = self.browser.execute_script(
                    'return document.documentElement.scrollWidth')
                self.assertEqual(width, 360)
                self.screenshot(f'small-{name.replace(" ", "-")}')

    def test_it_is_dark_where_the_system_is(self):
        for dark in (False, True):
            self.look(1200, 900, dark)
            self.open(self.pages['checked'])
            self.screenshot('dark' if dark else 'light')
            red = self.browser.execute_script(
                'return getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0]')
            self.assertEqual(int(red) < 100, dark)

    def test_an_accessibility_check_finds_nothing(self):
        if not SETTINGS.get('axe'):
            self.skipTest('axe-core could not be had')
        axe = Path(SETTINGS['axe']).read_text()
        for dark in (False, True):
            self.look(1200, 900, dark)
            for name, path in self.pages.items():
                with self.subTest(name, dark=dark):
                    self.open(path)
                    self.browser.execute_script(
                        "document.querySelectorAll('details').forEach((d) => { d.open = true; })")
                    self.browser.execute_script(axe)
                    found = self.browser.execute_async_script(
                        'axe.run(document).then((r) => arguments[0](r.violations.map((v) =>'
                        ' v.id + ": " + v.nodes.map((n) => n.html).join(" "))))')
                    self.assertEqual(found, [])

    def test_what_is_read_and_checked_needs_no_script(self):
        self.browser.execute_cdp_cmd('Emulation.setScriptExecutionDisabled', {'value': True})
        try:
            self.open('/')
            self.browser.find_element(By.LINK_TEXT, 'BD0301_MR1').click()
            self.assertIn('series 1', self.text('#scans'))
            self.button('Check', '#archive').click()
            self.wait_text('#modes', 'This would be refused.')
            # What is done is done, and told as REST tells it.
            self.find('#archive-button').click()
            self.wait_text('body', 'archive.session-exists')
            self.open('/')
            self.find('#upload summary').click()
            self.choose('field-upload-project', 'ALL')
            self.find('#file').send_keys(self.file('plain.zip', study_zip(302)))
            self.button('Send').click()
            self.wait_text('body', '/data/prearchive/projects/ALL/')
        finally:
            self.browser.execute_cdp_cmd('Emulation.setScriptExecutionDisabled', {'value': False})


class SomebodyWhoMayOnlyRead(BrowserTest):
    def test_sees_one_project_and_is_told_what_may_not_be_done(self):
        self.project('SHOWN')
        self.project('HIDDEN')
        shown, = self.upload(self.file('shown.zip', study_zip(340)), project='SHOWN')
        hidden, = self.upload(self.file('hidden.zip', study_zip(341)), project='HIDDEN')
        self.sign_in('reader')
        self.addCleanup(self.sign_in)
        for path in ('/', '/page/archive', '/page/audit'):
            self.open(path)
            self.assertNotIn('HIDDEN', self.browser.page_source)
            self.assertNotIn('BD0341_MR1', self.browser.page_source)
        self.browser.get(hidden)
        self.assertEqual(self.text('h1'), 'Not allowed')
        self.browser.get(shown)
        self.assertIn('series 1', self.text('#scans'))
        self.find('#archive-button').click()
        self.wait_text('#archive > .outcome', 'You may not do this.')
        self.check()
        self.assertEqual(self.text('#modes').count('You may not do this.'), 3)
        self.browser.find_element(By.XPATH, "//summary[text()='Delete …']").click()
        self.button('Delete for good').click()
        self.wait_text('#actions .danger .outcome', 'You may not do this.')
        self.assertEqual(self.rest('GET', '/data/prearchive/projects/SHOWN')[1].count('BD0340_MR1'),
                         3)


class ByKeyboard(BrowserTest):
    def press(self, *keys):
        ActionChains(self.browser).send_keys(*keys).perform()

    def focused(self):
        return self.browser.execute_script(
            "const e = document.activeElement; return e.id || e.textContent.trim() || e.tagName")

    def tab_to(self, wanted, limit=40):
        for _ in range(limit):
            self.press(Keys.TAB)
            if self.focused() == wanted:
                visible = self.browser.execute_script(
                    'return getComputedStyle(document.activeElement).outlineStyle')
                self.assertNotEqual(visible, 'none', wanted)
                return
        raise AssertionError(f'{wanted!r} is not reached by Tab')

    def test_the_content_can_be_skipped_to_and_the_order_is_that_of_the_page(self):
        self.open('/')
        order = []
        for _ in range(6):
            self.press(Keys.TAB)
            order.append(self.focused())
        self.assertEqual(order, ['Skip to the content', 'xnatarchive', 'Prearchive', 'Archive',
                                 'Audit trail', 'Sign out'])
        self.open('/')
        self.press(Keys.TAB)
        self.press(Keys.ENTER)
        self.assertEqual(self.focused(), 'main')

    def test_a_session_is_checked_and_archived_by_keyboard_alone(self):
        self.project('KEYS')
        self.upload(self.file('k.zip', study_zip(310)), project='KEYS')
        self.open('/?project=KEYS')
        self.tab_to('BD0310_MR1')
        self.press(Keys.ENTER)
        self.wait_for('#archive')
        self.tab_to('Check')
        self.press(Keys.ENTER)
        self.wait_for('#found')
        self.tab_to('mode-none')
        self.press(Keys.ARROW_DOWN)
        self.assertTrue(self.find('#mode-append').is_selected())
        self.tab_to('quarantine')
        self.press(Keys.SPACE)
        self.tab_to('archive-button')
        self.press(Keys.ENTER)
        self.wait_text('#archive > .outcome', 'It is archived')
        self.press(Keys.TAB)
        self.assertEqual(self.focused(), 'BD0310_MR1')
        self.press(Keys.ENTER)
        self.wait_text('.lead', 'In quarantine')


class HostileText(BrowserTest):
    def assert_untouched(self):
        self.assertIsNone(self.browser.execute_script('return window.hit'))
        self.assertEqual(self.browser.find_elements(By.CSS_SELECTOR, 'img, main script'), [])

    def test_markup_and_sql_in_every_header_is_shown_as_text(self):
        self.project('EVIL')
        target, = self.upload(self.file('evil.zip', study_zip(
            320, SeriesDescription=EVIL[:64], StudyDescription=EVIL[:64], PatientName=EVIL[:64],
            PatientID=EVIL[:64], PatientComments=EVIL, StudyDate='20240101')), project='EVIL')
        self.assert_untouched()
        pages = ['/', target[len(self.server.url):] + '?check=1&scan=1', '/page/audit']
        for path in pages:
            with self.subTest(path):
                self.open(path)
                self.assert_untouched()
        self.browser.get(target)
        self.assertIn('<img src=x', self.text('#scans'))
        archived = self.archive()
        for path in (archived[len(self.server.url):] + '?scan=1', '/page/archive'):
            self.open(path)
            self.assert_untouched()

    def test_markup_in_every_parameter_is_shown_as_text(self):
        from urllib.parse import quote
        evil = quote(EVIL)
        for path in (f'/?project={evil}&state={evil}&sort={evil}&from={evil}',
                     f'/page/archive?project={evil}', f'/page/audit?project={evil}',
                     f'/page/{quote(EVIL, safe="")}', f'/page/archive/{quote(EVIL, safe="")}/x',
                     f'/page/session/{quote(EVIL, safe="")}/x/y'):
            with self.subTest(path):
                self.open(path)
                self.assert_untouched()

    def test_markup_in_the_name_of_an_upload_is_shown_as_text(self):
        self.project('NAMES')
        self.open('/')
        for name in ('<img src=x onerror=window.hit=1>.zip', '\u202egnp.zip', 'n' * 251 + '.zip'):
            self.browser.execute_script('''
                const data = new DataTransfer();
                data.items.add(new File(['no zip'], arguments[0]));
                document.querySelector('.drop').dispatchEvent(new DragEvent('drop',
                  {bubbles: true, cancelable: true, dataTransfer: data}));''', name)
        self.wait(lambda: len(self.browser.find_elements(By.CSS_SELECTOR, '#uploads .error')) == 3)
        self.assert_untouched()
        self.look(360, 740)
        self.assertEqual(
            self.browser.execute_script('return document.documentElement.scrollWidth'), 360)

    def test_long_and_right_to_left_names_move_nothing_around_them(self):
        self.project('WIDE')
        target, = self.upload(self.file('wide.zip', study_zip(
            330, SeriesDescription='תיאור הסדרה', PatientID='L' * 64,
            PatientName='N' * 64)), project='WIDE')
        self.look(360, 740)
        for path in ('/', target[len(self.server.url):] + '?scan=1&subject=' + 's' * 255):
            self.open(path)
            self.assertEqual(
                self.browser.execute_script('return document.documentElement.scrollWidth'), 360)
        self.screenshot('right-to-left')
        self.assertIn('תיאור הסדרה', self.text('#scans'))
