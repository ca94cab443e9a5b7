"""test_work.py - what a person does: sign in, upload, look, check, archive, and undo."""

import http.client
import secrets
import zipfile

from selenium.webdriver.common.by import By

from browser_test import BrowserTest, study_zip
from command_test import zip_bytes


class SigningIn(BrowserTest):
    def test_a_wrong_password_is_said_and_a_right_one_opens_the_list_until_one_signs_out(self):
        self.button('Sign out').click()
        self.wait_for('#sign-in')
        self.screenshot('sign-in')
        self.find('#username').send_keys('admin')
        self.find('#password').send_keys('wrong')
        self.button('Sign in').click()
        self.wait_text('#sign-in .outcome', 'Name or password is wrong')
        self.open('/page/audit')  # is not shown
        self.assertTrue(self.find('#sign-in'))
        self.sign_in()
        self.assertIn('admin', self.text('header'))

    def test_nothing_but_the_sites_own_files_may_be_loaded(self):
        host = self.server.url.split('//')[1]
        connection = http.client.HTTPConnection(host)
        connection.request('GET', '/')
        answer = connection.getresponse()
        answer.read()
        connection.close()
        self.assertIn("default-src 'self'", answer.getheader('Content-Security-Policy'))
        self.assertEqual(answer.getheader('X-Content-Type-Options'), 'nosniff')


class AnEmptyPrearchive(BrowserTest):
    def test_it_says_how_something_gets_there(self):
        self.open('/')
        self.assertIn('Nothing waits.', self.text('#sessions'))
        self.screenshot('empty')


class Uploading(BrowserTest):
    def test_several_files_are_received_one_after_the_other_and_appear_in_the_list(self):
        self.project('UP')
        targets = self.upload(self.file('one.zip', study_zip(101)),
                              self.file('two.zip', study_zip(102, instances=3)), project='UP')
        self.assertEqual(len(targets), 2)
        self.wait_text('#sessions', 'BD0102_MR1')
        row = self.wait(lambda: self.find('#sessions tbody tr'))
        self.assertIn('Ready', row.text)
        self.wait_text('#sessions [data-size]', 'kB')
        self.screenshot('uploaded')
        self.browser.get(targets[1])
        self.assertEqual(self.text('h1'), 'BD0102_MR1')
        self.assertIn('series 1', self.text('#scans'))

    def test_a_dropped_file_is_sent(self):
        self.project('DROP')
        self.open('/')
        self.browser.execute_script('''
            const bytes = Uint8Array.from(arguments[0]);
            const data = new DataTransfer();
            data.items.add(new File([bytes], 'dropped.zip'));
            document.querySelector('#upload details').open = true;
            document.querySelector('#field-upload-project').value = 'DROP';
            document.querySelector('.drop').dispatchEvent(new DragEvent('drop',
              {bubbles: true, cancelable: true, dataTransfer: data}));''',
                                    list(study_zip(110, instances=1)))
        self.wait_text('#uploads', 'Received: BD0110_MR1')

    def test_what_can_not_be_read_is_said_and_the_next_file_is_sent_all_the_same(self):
        self.project('BAD')
        self.open('/')
        self.browser.execute_script("document.querySelector('#upload details').open = true")
        self.choose('field-upload-project', 'BAD')
        files = [self.file('broken.zip', zip_bytes({'a.txt': b'no image'})),
                 self.file('good.zip', study_zip(120))]
        self.find('#file').send_keys('\n'.join(files))
        self.wait_text('#uploads', 'Received: BD0120_MR1')
        self.assertIn('This did not work.', self.text('#uploads li.error'))

    def test_a_cancelled_upload_leaves_nothing(self):
        self.project('CANCEL')
        self.open('/')
        self.browser.execute_cdp_cmd('Network.enable', {})
        self.browser.execute_cdp_cmd('Network.emulateNetworkConditions', {
            'offline': False, 'latency': 5, 'downloadThroughput': -1, 'uploadThroughput': 200000})
        try:
            self.browser.execute_script("document.querySelector('#upload details').open = true")
            self.choose('field-upload-project', 'CANCEL')
            big = study_zip(130, PatientComments=secrets.token_urlsafe(45000), instances=40)
            self.assertGreater(len(big), 1 << 20)  # takes seconds to send
            self.find('#file').send_keys(self.file('big.zip', big))
            self.wait_text('#uploads', ' of ')
            self.button('Cancel', '#uploads').click()
            self.wait_text('#uploads', 'Cancelled; nothing of it was kept.')
        finally:
            self.browser.execute_cdp_cmd('Network.emulateNetworkConditions', {
                'offline': False, 'latency': 0, 'downloadThroughput': -1, 'uploadThroughput': -1})
        status, text = self.rest('GET', '/data/prearchive/projects/CANCEL')
        self.assertEqual((status, '"totalRecords":"0"' in text), (200, True), text)

    def test_the_list_is_filtered_and_sorted(self):
        self.project('SORT')
        self.upload(self.file('b.zip', study_zip(141)), self.file('a.zip', study_zip(140)),
                    project='SORT')
        self.open('/')
        self.choose('field-project', 'SORT')
        self.button('Show').click()
        self.wait(lambda: 'project=SORT' in self.browser.current_url)

        def names():
            return [e.text for e in self.browser.find_elements(By.CSS_SELECTOR, 'tbody th')]
        self.assertEqual(names(), ['BD0140_MR1', 'BD0141_MR1'])
        self.browser.find_element(By.LINK_TEXT, 'Session').click()
        self.wait_for('th[aria-sort=ascending]')
        self.browser.find_element(By.LINK_TEXT, 'Session').click()
        self.wait_for('th[aria-sort=descending]')
        self.assertEqual(names(), ['BD0141_MR1', 'BD0140_MR1'])


class SeveralAtOnce(BrowserTest):
    def choose_and(self, button, *numbers):
        for number in numbers:
            self.find(f'[aria-label="Choose BD0{number}_MR1"]').click()
        self.button(button, '#batch').click()

    def test_chosen_sessions_are_archived_each_with_its_outcome_and_deleted(self):
        self.project('MANY')
        files = [self.file(f'{n}.zip', study_zip(n)) for n in (280, 281, 282)]
        first, = self.upload(files[0], project='MANY')
        self.browser.get(first)
        self.archive()
        self.upload(*files, project='MANY')
        self.open('/?project=MANY')
        self.button('Archive', '#batch').click()
        self.wait_text('#batch .outcome', 'Choose sessions first.')
        self.choose_and('Rebuild', 281)
        self.wait_text('#batch .outcome', 'Done.')
        self.choose_and('Archive', 280, 281)
        self.wait_text('#batch .outcome', '1 of 2 are archived. BD0280_MR1: archive.session-exists')
        self.assertNotIn('BD0281_MR1', self.text('#sessions tbody'))
        self.screenshot('several')
        self.find('#choose-all').click()
        self.find('#batch summary').click()
        self.button('Delete for good', '#batch').click()
        self.wait_text('#sessions', 'No session that waits')
        self.open('/page/archive?project=MANY')
        self.assertEqual(len(self.browser.find_elements(By.CSS_SELECTOR, 'tbody tr')), 2)


class Archiving(BrowserTest):
    def test_a_session_is_checked_and_archived_and_its_page_tells_all_of_it(self):
        self.project('ARC')
        target, = self.upload(self.file('new.zip', study_zip(201, instances=40)), project='ARC')
        self.browser.get(target)
        self.screenshot('session')
        self.check()
        self.assertIn('Nothing was found', self.text('#found'))
        self.assertIn('40 files are added', self.text('#modes'))
        self.screenshot('checked')
        archived = self.archive()
        self.assertTrue(archived.endswith('/page/archive/ARC/BD0201_MR1'), archived)
        self.screenshot('archived-now')
        self.browser.get(archived)
        self.assertIn('Active', self.text('.lead'))
        self.assertIn('Archived', self.text('#audit'))
        self.browser.find_element(By.LINK_TEXT, 'Download as zip').click()
        downloaded = self.folder / 'downloads/BD0201_MR1.zip'
        self.wait(downloaded.exists)
        self.assertEqual(len([name for name in zipfile.ZipFile(downloaded).namelist()
                              if name.endswith('.dcm')]), 40)
        self.button('Verify checksums').click()
        self.wait_text('#verify .outcome', '40 of 40 files read')
        self.assertIn('all are as their checksums say', self.text('#verify .outcome'))
        self.browser.find_element(By.PARTIAL_LINK_TEXT, 'Files').click()
        self.wait_for('#files')
        self.screenshot('archived')
        # What it is called over REST is gone from the prearchive.
        self.browser.get(target)
        self.assertEqual(self.text('h1'), 'Not found')

    def test_a_conflict_is_explained_and_replacing_can_be_undone(self):
        self.project('CON')
        first, = self.upload(self.file('first.zip', study_zip(210)), project='CON')
        self.browser.get(first)
        archived = self.archive()
        second, = self.upload(self.file('second.zip', study_zip(210, PatientComments='other')),
                              project='CON')
        self.browser.get(second)
        self.find('#archive-button').click()  # as a new session
        self.wait_text('#archive > .outcome', 'It was not archived.')
        self.assertIn('archive.session-exists', self.text('#archive > .outcome'))
        self.browser.get(second)
        self.assertIn('Conflict', self.text('.lead'))
        self.check()
        found = self.text('#found')
        self.assertIn('The project has a session of this label already', found)
        self.assertIn('The archive has other files of the same names or images', found)
        modes = self.text('#modes')
        self.assertEqual(modes.count('This would be refused.'), 2, modes)
        self.assertIn('0 files are added, 2 files are replaced', modes)
        self.screenshot('conflict')
        self.find('#mode-delete').click()
        self.assertEqual(self.archive(), archived)
        self.browser.get(archived)
        self.assertIn('Put back', self.text('#history'))
        self.screenshot('history')
        self.button('Put back').click()
        self.wait(lambda: 'Restored' in self.text('#audit'))
        self.find('#history details summary').click()
        self.button('Remove for good').click()
        self.wait(lambda: not self.browser.find_elements(By.ID, 'history'))

    def test_a_quarantined_session_is_marked_until_it_is_released(self):
        self.project('HELD')
        target, = self.upload(self.file('held.zip', study_zip(220)), project='HELD')
        self.browser.get(target)
        self.find('#quarantine').click()
        archived = self.archive()
        self.open('/page/archive?quarantine=true')
        self.assertIn('BD0220_MR1', self.text('tbody'))
        self.screenshot('archive')
        self.browser.get(archived)
        self.assertIn('In quarantine', self.text('.lead'))
        self.button('Release from quarantine').click()
        self.wait_text('.lead', 'Active')
        self.assertIn('Activated', self.text('#audit'))

    def test_a_destination_that_is_given_is_where_it_goes(self):
        self.project('FROM')
        self.project('INTO')
        target, = self.upload(self.file('go.zip', study_zip(230)), project='FROM')
        self.browser.get(target)
        self.choose('field-project', 'INTO')
        self.find('#field-subject').send_keys('Sub_1')
        self.find('#field-session').send_keys('Named')
        self.check()
        self.assertEqual(self.find('#field-session').get_attribute('value'), 'Named')
        self.assertTrue(self.archive().endswith('/page/archive/INTO/Named'))
        self.open('/page/archive/INTO/Named')
        self.assertIn('Sub_1', self.text('dl'))

    def test_how_far_it_is_and_why_it_failed_are_told_while_it_goes_on(self):
        self.project('SLOW')
        target, = self.upload(self.file('slow.zip', study_zip(260)), project='SLOW')
        self.browser.get(target)
        # What a long job answers, one after the other.
        self.browser.execute_script('''
            const entry = (status, message) =>
              JSON.stringify({entryList: [{status, eventTime: 1, message}]});
            const answers = [
              {succeeded: null, payload: entry('Waiting', ''), filesDone: 0, filesTotal: 0},
              {succeeded: null, payload: entry('InProgress', ''), filesDone: 3, filesTotal: 12},
              {succeeded: false, payload: entry('Failed', '/x: disk.full: no room <b>')}];
            const fetched = window.fetch;
            window.told = [];
            window.fetch = async (url, options) => {
              if (String(url).includes('/data/services/archive')) {
                return new Response('', {headers: {'X-Job': '7'}});
              }
              if (url !== '/xapi/event_tracking/7') return fetched(url, options);
              const bar = document.querySelector('#progress progress');
              window.told.push([document.querySelector('#progress span').textContent, bar.value]);
              return new Response(JSON.stringify(answers.shift()));
            };''')
        self.find('#archive-button').click()
        self.wait_text('#archive > .outcome', 'It was not archived. disk.full: no room <b>')
        self.assertEqual(self.browser.execute_script('return window.told'),
                         [['Archiving …', 0], ['Waits for its turn …', 0], ['3 of 12 files', 25]])
        self.assertTrue(self.find('#archive-button').is_enabled())
        self.assertFalse(self.find('#progress').is_displayed())

    def test_a_session_of_no_project_is_marked_and_archived_where_one_says(self):
        self.project('HOME')
        target, = self.upload(self.file('lost.zip', study_zip(270)))
        self.assertIn('/page/session/Unassigned/', target)
        self.assertIn('Unassigned', self.text('#sessions .unassigned'))
        self.browser.get(target)
        self.check()
        self.assertIn('It is not known which project this belongs to', self.text('#found'))
        self.screenshot('unassigned')
        self.choose('field-project', 'HOME')
        self.check()
        self.assertIn('Nothing was found', self.text('#found'))
        self.assertTrue(self.archive().endswith('/page/archive/HOME/BD0270_MR1'))

    def test_a_damaged_file_is_found(self):
        self.project('DAMAGED')
        target, = self.upload(self.file('damaged.zip', study_zip(240)), project='DAMAGED')
        self.browser.get(target)
        archived = self.archive()
        file = next((self.server.root / 'archive/DAMAGED').rglob('*.dcm'))
        file.write_bytes(b'x' * file.stat().st_size)
        self.browser.get(archived)
        self.button('Verify checksums').click()
        self.wait_text('#verify .outcome', '1 things are wrong')
        self.assertIn(file.name, self.text('#verify .outcome'))

    def test_a_session_is_moved_to_another_project_also_one_of_none(self):
        for number, project in ((290, 'OLD'), (291, None)):
            with self.subTest(project):
                self.project('OLD')
                self.project('NEW')
                target, = self.upload(self.file('move.zip', study_zip(number)), project=project)
                self.browser.get(target)
                self.browser.find_element(By.XPATH, "//summary[contains(., 'Move to')]").click()
                self.choose('field-move-newProject', 'NEW')
                self.button('Move').click()
                self.wait_for('#sessions')
                self.open('/?project=NEW')
                self.assertIn(f'BD0{number}_MR1', self.text('#sessions'))
                self.browser.get(target)
                self.assertEqual(self.text('h1'), 'Not found')

    def test_a_session_is_rebuilt_and_deleted_only_when_asked_twice(self):
        self.project('GONE')
        target, = self.upload(self.file('gone.zip', study_zip(250)), project='GONE')
        self.browser.get(target)
        self.button('Rebuild').click()
        self.wait(lambda: self.text('#audit').count('Built') == 2)
        self.assertIsNone(self.find('#actions details.danger').get_attribute('open'))
        self.browser.find_element(By.XPATH, "//summary[text()='Delete …']").click()
        self.button('Delete for good').click()
        self.wait_for('#sessions')
        self.browser.get(target)
        self.assertEqual(self.text('h1'), 'Not found')
        self.open('/page/audit?project=GONE')
        self.assertIn('Deleted', self.text('tbody'))
        self.screenshot('audit')
