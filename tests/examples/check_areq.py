#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check_areq.py - run areq in all circumstances; answers in TAP.

    check_areq.py PROGRAM [NAME...]

NAME is a part of the names of checks; without one, all are done. The backend
is whatever SIMUL_BACKEND says. TEST_STRETCH multiplies all time limits.
TEST_WRAPPER is a command to run the program with: valgrind, an emulator.
"""
import contextlib
import fcntl
import os
import pty
import re
import select
import shlex
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import time
import traceback
import urllib.parse

sys.dont_write_bytecode = True  # nothing is left beside the tests
from areq_servers import (STRETCH, Absent, free_port, make_certificate, nginx,
                          python_program, python_server)

HANGS_AFTER = 60 * STRETCH
WRAPPER = shlex.split(os.environ.get('TEST_WRAPPER')
                      or os.environ.get('MESON_EXE_WRAPPER', ''))
NOBODY = 65534

PROGRAM = os.path.abspath(sys.argv[1])
HEADER = 'source_url\tparsed_url'
CHECKS = []


def check(function):
    CHECKS.append(function)
    return function


class Skip(Exception):
    """This can't be checked here; the argument says why."""


class Run:
    """areq has run, in a directory of its own that is gone by now."""

    def __init__(self, *arguments, urls=None, interrupt_at=None,
                 as_nobody=False, prepare=lambda directory: None,
                 results='foundurls.txt'):
        with tempfile.TemporaryDirectory() as directory:
            os.chmod(directory, 0o777)
            if urls is not None:
                with open(f'{directory}/urls.txt', 'wb') as file:
                    file.write(urls if isinstance(urls, bytes)
                               else urls.encode())
                arguments += '--urls', 'urls.txt'
            prepare(directory)
            try:
                self.start(arguments, directory, as_nobody, interrupt_at)
            except PermissionError as why:
                raise Skip('nobody may run it here') from why
            self.results = None
            with contextlib.suppress(OSError):
                with open(os.path.join(directory, results),
                          encoding='utf-8') as file:
                    self.results = file.read()

    def start(self, arguments, directory, as_nobody, interrupt_at):
        began = time.monotonic()
        with subprocess.Popen(
                WRAPPER + [PROGRAM, *arguments], cwd=directory,
                user=NOBODY if as_nobody else None,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.PIPE, text=True) as process:
            try:
                said = ''
                if interrupt_at:
                    said = self.interrupt(process, interrupt_at)
                self.output, self.errors = process.communicate(
                    timeout=HANGS_AFTER)
                self.errors = said + self.errors
            except subprocess.TimeoutExpired:
                process.kill()
                raise
        self.status = process.returncode
        self.seconds = time.monotonic() - began
        # Valgrind's remarks about itself: "--123-- WARNING: ...".
        self.errors = re.sub(r'^--\d+-- .*\n', '', self.errors,
                             flags=re.MULTILINE)

    @staticmethod
    def interrupt(process, words):
        """As soon as it says this. Returns what it has said until then."""
        said = ''
        while words not in said and process.poll() is None:
            said += process.stderr.readline()
        process.send_signal(signal.SIGINT)
        return said

    def links(self):
        """The set of (page, link) in the results, which are well-formed."""
        lines = self.results.splitlines()
        assert lines[0] == HEADER, lines[0]
        assert self.results.endswith('\n'), 'the last line is cut off'
        pairs = [tuple(line.split('\t')) for line in lines[1:]]
        assert all(len(pair) == 2 for pair in pairs), pairs
        assert len(set(pairs)) == len(pairs), 'a link is there twice'
        return set(pairs)


def expect(condition, run):
    """Fail with all that the run has printed."""
    if not condition:
        raise AssertionError(f'exit status {run.status}\n--- stdout\n'
                             f'{run.output}--- stderr\n{run.errors}---')


def expect_status(run, status):
    expect(run.status == status, run)


def expect_error(run, words):
    expect(re.search(words, run.errors), run)
    expect(all(line.startswith('areq: ')
               for line in run.errors.splitlines()), run)


# ---- Its own site

def count_in(run, words):
    """The number before these words in the output."""
    found = re.search(rf'([\d,]+) {words}', run.output)
    expect(found, run)
    return int(found[1].replace(',', ''))


@check
def site_is_crawled():
    run = Run()
    expect_status(run, 0)
    pages = {page for page, _ in run.links()}
    expect(len(pages) >= 500, run)
    expect(count_in(run, r'of [\d,]+ pages fetched') >= 500, run)
    expect(count_in(run, 'links found') == len(run.links()), run)
    expect_error(run, r'/missing\.html: 404 Not Found\n')
    expect_error(run, r'/broken\.html: the connection was closed after')
    expect_error(run, r"/bad-links\.html: 3 of its links are no URLs, such as "
                      r"'http://\[::1/'")
    expect('at most 100 at a time' in run.output, run)
    alone = re.search(r'would have taken ([\d.]+) s', run.output)
    expect(float(alone[1]) > 10, run)


@check
def site_so_many_at_a_time():
    run = Run('-n', '400')
    expect_status(run, 0)
    expect('at most 400 at a time' in run.output, run)
    expect(len({page for page, _ in run.links()}) >= 500, run)


@check
def site_interrupted():
    run = Run(interrupt_at='404')  # the slow page is still to come
    expect_status(run, 130)
    expect_error(run, 'areq: interrupted\n')
    expect(count_in(run, 'links found') == len(run.links()), run)
    expect('not fetched any more: ' in run.output, run)


@check
def plain_lines_where_there_is_no_terminal():
    run = Run('-n', '20')
    lines = re.findall(r'^[\d,]+ of 5\d\d pages, .*pages/s$', run.output,
                       re.MULTILINE)
    expect(1 <= len(lines) <= run.seconds + 1, run)
    expect('\r' not in run.output and '\x1b' not in run.output, run)


def run_as_child(directory):
    try:
        os.chdir(directory)
        os.environ['TERM'] = 'xterm'
        command = WRAPPER + [PROGRAM]
        os.execvp(command[0], command)
    finally:
        os._exit(1)


def run_on_terminal(columns):
    """What areq writes to a terminal, and its exit status."""
    with tempfile.TemporaryDirectory() as directory:
        pid, terminal = pty.fork()
        if pid == 0:
            run_as_child(directory)
        fcntl.ioctl(terminal, termios.TIOCSWINSZ,
                    struct.pack('HHHH', 24, columns, 0, 0))
        written = b''
        with contextlib.suppress(OSError):  # EIO: it has ended
            while select.select([terminal], [], [], HANGS_AFTER)[0]:
                written += os.read(terminal, 65536)
        os.close(terminal)
        return written.decode(), os.waitstatus_to_exitcode(
            os.waitpid(pid, 0)[1])


@check
def one_line_is_redrawn_on_a_terminal():
    text, status = run_on_terminal(100)
    assert status == 0, text
    drawn = re.findall(r'\r\x1b\[K(\[[#.]{20}\] [^\r\n]*)', text)
    assert len(drawn) > 5, text
    assert any('[####' in line for line in drawn), text
    assert all(len(line) < 100 for line in drawn), drawn
    # Each error is on a line of its own, which it begins.
    errors = re.findall(r'(?:^|\n|\x1b\[K)(areq: [^\r\n]*)\r\n', text)
    assert sum('404' in line for line in errors) == 1, text
    assert text.count('areq: ') == len(errors), text
    # The summary is below, and the line is gone.
    assert re.search(r'\r\x1b\[K505 of 509 pages fetched', text), text


@check
def a_narrow_terminal_is_wide_enough():
    text, status = run_on_terminal(30)
    assert status == 0, text
    drawn = re.findall(r'\r\x1b\[K(\[[#.]*\]? ?[^\r\n\x1b]*)', text)
    # The first one may come before we have said how wide it is.
    assert drawn and all(len(line) < 30 for line in drawn[1:]), drawn


# ---- Bad input

@check
def a_missing_url_file():
    run = Run('--urls', 'nowhere.txt')
    expect_status(run, 1)
    expect_error(run, r'^areq: nowhere\.txt: No such file or directory\n$')
    expect(run.results is None, run)


@check
def a_directory_for_a_url_file():
    run = Run('--urls', '.')
    expect_status(run, 1)
    expect_error(run, r'^areq: \.: Is a directory\n$')


@check
def an_unreadable_url_file():
    def forbid(directory):
        os.chmod(f'{directory}/urls.txt', 0)
    run = Run(urls='http://127.0.0.1/\n', prepare=forbid,
              as_nobody=os.geteuid() == 0)
    expect_status(run, 1)
    expect_error(run, r'^areq: urls\.txt: Permission denied\n$')


@check
def a_url_file_without_urls():
    for urls in '', '\n', '# nothing\n\n  # here\n':
        run = Run(urls=urls)
        expect_status(run, 1)
        expect_error(run, r'^areq: urls\.txt: there is no URL in it\n$')
        expect(run.results is None, run)


@check
def a_line_that_is_no_url():
    with python_server({'a.html': 'href="b"'}) as (url, _):
        run = Run(urls=f'# pages\n\nexample.org\n  {url}a.html \nhttp://\n'
                       'http://x:99999/\nftp://x/\n')
    expect_status(run, 1)
    for number, why in (3, 'it does not begin with http:// or https://'), \
            (5, 'it has no host'), (6, 'its port is over 65535'), \
            (7, 'its scheme is neither http nor https'):
        expect_error(run, rf"urls\.txt:{number}: '.*' is no URL: {why}\n")
    expect(run.links() == {(url + 'a.html', url + 'b')}, run)


@check
def many_lines_that_are_no_urls():
    run = Run(urls='?\n' * 1000)
    expect_status(run, 1)
    expect(len(run.errors.splitlines()) < 30, run)
    expect_error(run, r'urls\.txt: and 980 more\n')


@check
def lines_that_would_harm_the_terminal():
    run = Run(urls=b'\x1b[2Jhttp://x/\nhttp://y\x00/\n' + b'a' * 100000)
    expect_status(run, 1)
    expect('\x1b' not in run.errors, run)
    expect_error(run, r"urls\.txt:1: '\?\[2Jhttp://x/' is no URL: it has ")
    expect_error(run, r'urls\.txt:2: .*zero byte')
    expect_error(run, r'urls\.txt:3: .*over 65536 bytes')


@check
def urls_as_editors_write_them():
    with python_server({'a.html': 'href="x"', 'b.html': ''}) as (url, seen):
        run = Run(urls=f'\ufeff{url}a.html\r\n\t{url}b.html\r\n{url}a.html')
        expect_status(run, 0)
        expect(sorted(seen) == ['/a.html', '/b.html'], run)
        expect(run.links() == {(url + 'a.html', url + 'x')}, run)


@check
def an_output_that_cannot_be_opened():
    run = Run('-o', 'no/such/directory')
    expect_status(run, 1)
    expect_error(run, r'^areq: no/such/directory: No such file')
    run = Run('-o', '.')
    expect_status(run, 1)
    expect_error(run, r'^areq: \.: Is a directory\n$')


@check
def an_output_that_would_overwrite_the_urls():
    run = Run('-o', './urls.txt', urls='http://127.0.0.1/', results='urls.txt')
    expect_status(run, 2)
    expect(run.results == 'http://127.0.0.1/', run)


@check
def an_output_on_a_full_device():
    if not os.path.exists('/dev/full'):
        raise Skip('there is no /dev/full')
    run = Run('-o', '/dev/full')
    expect_status(run, 1)
    expect_error(run, r'^areq: /dev/full: No space left on device\n$')


@check
def a_disk_that_is_full_half_way():
    with tempfile.TemporaryDirectory() as disk:
        if subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=64k', 'none',
                           disk], stderr=subprocess.DEVNULL).returncode:
            raise Skip('no disk can be mounted here')
        try:
            run = Run('-o', f'{disk}/found', results=f'{disk}/found')
        finally:
            subprocess.run(['umount', disk], check=True)
    expect_status(run, 1)
    expect_error(run, r'/found: No space left on device\n')
    expect(run.results.startswith(HEADER + '\n'), run)
    expect(len(run.results) > 30000, run)


@check
def wrong_options():
    for arguments in ['-n', '0'], ['-n', 'many'], ['-n'], ['-n', '10001'], \
            ['-t', '0'], ['-t', 'nan'], ['--timeout', '-1'], ['--what'], \
            ['urls.txt']:
        run = Run(*arguments)
        expect_status(run, 2)
        expect('--help' in run.errors, run)
        expect(run.results is None and run.output == '', run)
    run = Run('--help')
    expect_status(run, 0)
    expect(run.output.startswith('usage: areq'), run)


# ---- Servers that are not ours

def links_in(url, html):
    """What the Python original finds."""
    return {(url, urllib.parse.urljoin(url, link))
            for link in re.findall(r'href="(.*?)"', html)}


def some_pages(count):
    pages = {}
    for i in range(count):
        links = ''.join(
            f'<a href="{link}">x</a><a class=y href="{link}">again</a>\n'
            for link in (f'page-{(7 * i) % count}.html', '../up.html', '?q=1',
                         f'//example.org/{i}', '#here', 'mailto:a@b.c', ''))
        pages[f'dir-{i % 5}/page-{i}.html'] = \
            f'<p>{"filler " * (i * 37 % 3000)}</p>{links}'
    return pages


def crawl_and_compare(base, pages, extra_urls, *arguments):
    urls = ''.join(f'{base}{path}\n' for path in pages) + extra_urls
    run = Run(*arguments, urls=urls)
    expect_status(run, 0)
    expected = set()
    for path, html in pages.items():
        expected |= links_in(base + path, html)
    expect(run.links() == expected, run)
    return run


@check
def pages_of_python_http_server():
    pages = some_pages(100)
    with python_program(pages) as base:
        run = crawl_and_compare(base, pages, base + 'none.html\n', '-n', '10')
    expect_error(run, r'none\.html: 404 File not found\n')
    expect('100 of 101 pages fetched, 1 failed' in run.output, run)


@check
def pages_of_nginx():
    pages = some_pages(600)
    pages['dir-0/index.html'] = '<a href="first">1</a>'
    with nginx(pages) as (base, log):
        extra = ''.join(f'{base}{path}\n' for path in
                        ('none.html', 'teapot', 'drop'))
        run = crawl_and_compare(base, pages, extra, '-n', '30')
        connections = {line.split()[0] for line in log()}
        requests = len(log())
    expect_error(run, r'none\.html: 404 Not Found\n')
    expect_error(run, r'/teapot: 418 ')
    expect_error(run, r'/drop: .* closed the connection without an answer\n')
    expect('601 of 604 pages fetched, 3 failed' in run.output, run)
    # It closes each connection after 20 pages: nothing is lost by that, and
    # until then they are used again.
    expect(requests >= 604, run)
    expect(len(connections) <= 30 + requests / 10, run)


@check
def redirects_of_nginx():
    with nginx({'dir-0/index.html': '<a href="first">1</a>'}) as (base, _):
        run = Run(urls=f'{base}moved\n')
    expect_status(run, 0)
    expect(run.links() == {(base + 'moved', base + 'dir-0/first')}, run)


@check
def a_server_that_is_not_there():
    url = f'http://127.0.0.1:{free_port()}/'
    run = Run(urls=f'{url}a\n{url}b\n')
    expect_status(run, 1)
    expect_error(run, 'connect to 127.0.0.1:.*: Connection refused\n')
    expect(re.search(r'^ +2  Connection refused$', run.output, re.MULTILINE),
           run)
    expect(run.links() == set(), run)


@check
def a_server_that_speaks_tls():
    with tempfile.TemporaryDirectory() as directory:
        certificate = make_certificate(directory)
        with python_server({'index.html': '<a href="there">1</a>'},
                           certificate) as (base, _):
            stranger = Run(urls=base)
            if 'needs .tls' in stranger.errors:
                raise Skip('areq is built without TLS')
            os.environ['SSL_CERT_FILE'] = certificate[0]
            friend = Run(urls=base)
            del os.environ['SSL_CERT_FILE']
    expect_status(stranger, 1)
    expect_error(stranger, 'self-signed certificate')
    expect(stranger.links() == set(), stranger)
    expect_status(friend, 0)
    expect(friend.links() == {(base, base + 'there')}, friend)


@check
def a_server_that_does_not_answer():
    with socket.create_server(('127.0.0.1', 0)) as listener:
        url = f'http://127.0.0.1:{listener.getsockname()[1]}/'
        run = Run('--timeout', '0.3', urls=url)
    expect_status(run, 1)
    expect_error(run, 'timed out after 0.3 s while waiting for 127.0.0.1')
    expect(run.seconds < 10 * STRETCH, run)


@check
def interrupted_while_a_server_does_not_answer():
    with python_server({'a.html': 'href="b"'}) as (good, _), \
            socket.create_server(('127.0.0.1', 0)) as listener:
        bad = f'http://127.0.0.1:{listener.getsockname()[1]}/'
        run = Run('-n', '2', interrupt_at='404',
                  urls=f'{bad}\n{good}a.html\n{good}none.html\n')
    expect_status(run, 130)
    expect(run.links() == {(good + 'a.html', good + 'b')}, run)
    expect('1 of 3 pages fetched, 1 failed' in run.output, run)


# ---- TAP

def main():
    wanted = [c for c in CHECKS
              if not sys.argv[2:]
              or any(name in c.__name__ for name in sys.argv[2:])]
    failed = 0
    print(f'1..{len(wanted)}')
    for number, function in enumerate(wanted, 1):
        name = 'areq: ' + function.__name__.replace('_', ' ')
        try:
            function()
            print(f'ok {number} - {name}', flush=True)
        except (Skip, Absent) as why:
            print(f'ok {number} - {name} # SKIP {why}', flush=True)
        except Exception:  # pylint: disable=broad-except
            failed += 1
            print(f'not ok {number} - {name}')
            for line in traceback.format_exc().splitlines():
                print(f'# {line}', flush=True)
    sys.exit(failed > 0)


if __name__ == '__main__':
    main()
