"""The manual page and the completions have what --help has, and are what their readers can read."""

import re
import shutil
import subprocess
import unittest
from pathlib import Path

from command_test import CommandTest, PROGRAMS


class PagesTest(CommandTest):

    def page(self, name):
        return (Path(PROGRAMS['pages']) / name).read_text()

    def commands(self, *words):
        """[(words, options)] of a command and all below it, as --help tells."""
        out = self.run_command(*words, '--help').out
        options = re.findall(r'^  (-[\w-]+(?:,-[\w-]+)*)', out, re.MULTILINE)
        below = re.findall(r'^  ([a-z]\S*)', out.partition('\nSubcommands:\n')[2].partition('\n\n')[0],
                           re.MULTILINE)
        found = [(words, {name for names in options for name in names.split(',')})]
        for word in below:
            found += self.commands(*words, word)
        return found

    def test_help_is_read_whole(self):
        commands = dict(self.commands())
        self.assertIn('--root', commands[()])
        self.assertIn('--timeout', commands[('job', 'wait')])
        self.assertGreater(len(commands), 30)

    def test_the_manual_page_has_every_command_and_option(self):
        text = self.page('xnatarchive.1').replace('\\-', '-')
        sections = dict(re.findall(r'^\.SS ([a-z -]+)\n(.*?)(?=^\.S[SH] )', text,
                                   re.MULTILINE | re.DOTALL))
        for words, options in self.commands():
            if not words:
                continue
            groups = [other for other, _ in self.commands(*words) if other != words]
            if groups:
                continue  # Only its subcommands do something.
            section = sections[' '.join(words)]
            for option in options - {'-h', '--help'}:
                self.assertIn(f'\\fB{option}\\fR', section, words)
        first = text.partition('.SH COMMANDS')[0]
        for option in dict(self.commands())[()]:
            self.assertIn(f'\\fB{option}\\fR', first)

    @unittest.skipUnless(shutil.which('mandoc'), 'no mandoc')
    def test_the_manual_page_has_no_faults(self):
        run = subprocess.run(['mandoc', '-T', 'lint', '-W', 'warning'],
                             input=self.page('xnatarchive.1'), capture_output=True, text=True)
        # The same sources make the same page: it has no date.
        faults = [line for line in run.stdout.splitlines() if 'missing date' not in line]
        self.assertEqual(faults, [])

    def offered(self, shell, line):
        """What the shell offers for the last word of a line."""
        folder = PROGRAMS['pages']
        if shell == 'bash':
            script = ('source "$1/xnatarchive.bash"; compopt() { :; }; read -ra COMP_WORDS <<<"$2"; '
                      '[[ "$2" != *" " ]] || COMP_WORDS+=(""); '
                      'COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _xnatarchive; '
                      'printf "%s\\n" "${COMPREPLY[@]}"')
            command = ['bash', '-euc', script, 'bash', folder, line]
        elif shell == 'fish':
            command = ['fish', '--no-config', '-c', f'source {folder}/xnatarchive.fish; '
                       f'complete -C "{line}"']
        else:
            # Its own words stand in for what asks the user's terminal.
            script = ('_describe() { shift $(($# - 1)); print -rl -- "${(@P)1}"; }; '
                      '_files() { print -rl -- *; }; compadd() { shift; print -rl -- "$@"; }; '
                      'words=(${(s: :)2}); [[ "$2" != *" " ]] || words+=(""); '
                      'CURRENT=$#words; source "$1/_xnatarchive"')
            command = ['zsh', '-fuc', script, 'zsh', folder, line]
        run = subprocess.run(command, capture_output=True, text=True, cwd=self.folder)
        self.assertEqual(run.stderr, '', line)
        return {re.split('[\t:]', word)[0] for word in run.stdout.splitlines()}

    def check_shell(self, shell):
        (self.folder / 'study.zip').touch()
        commands = self.commands()
        for words, options in commands:
            prefix = ' '.join(['xnatarchive', *words])
            below = {other[-1] for other, _ in commands
                     if other[:-1] == words and len(other) == len(words) + 1}
            have = self.offered(shell, prefix + ' ') | self.offered(shell, prefix + ' -') \
                | self.offered(shell, prefix + ' --')
            self.assertLessEqual(below | options, have, words)
            self.assertLessEqual({'--root', '--format'}, have, words)
        self.assertIn('json', self.offered(shell, 'xnatarchive list --format '))
        self.assertNotIn('json', self.offered(shell, 'xnatarchive list --user '))
        self.assertIn('append', self.offered(shell, 'xnatarchive --root job archive --overwrite '))
        self.assertIn('study.zip', self.offered(shell, 'xnatarchive import --project P '))

    def test_bash_offers_every_command_and_option(self):
        self.check_shell('bash')

    @unittest.skipUnless(shutil.which('zsh'), 'no zsh')
    def test_zsh_offers_every_command_and_option(self):
        self.check_shell('zsh')

    @unittest.skipUnless(shutil.which('fish'), 'no fish')
    def test_fish_offers_every_command_and_option(self):
        self.check_shell('fish')
