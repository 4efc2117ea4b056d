# SPDX-License-Identifier: MIT
"""areq_servers.py - servers that are not ours, for areq to talk to."""
import contextlib
import functools
import http.server
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

STRETCH = float(os.environ.get('TEST_STRETCH', '1'))


class Absent(Exception):
    """There is no such server here."""


def free_port():
    with socket.create_server(('127.0.0.1', 0)) as listener:
        return listener.getsockname()[1]


def write_pages(directory, pages):
    for path, text in pages.items():
        path = os.path.join(directory, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'wb') as file:
            file.write(text if isinstance(text, bytes) else text.encode())


def make_certificate(directory):
    """A certificate for 127.0.0.1 that nobody has signed but itself."""
    subprocess.run(
        ['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt',
         'ec_paramgen_curve:P-256', '-nodes', '-keyout',
         f'{directory}/key.pem', '-out', f'{directory}/cert.pem', '-subj',
         '/CN=127.0.0.1', '-days', '9', '-addext',
         'subjectAltName=IP:127.0.0.1'],
        check=True, capture_output=True)
    return f'{directory}/cert.pem', f'{directory}/key.pem'


@contextlib.contextmanager
def python_server(pages, certificate=None):
    """Yields the URL of python's http.server, and the paths it was asked for.
    """
    seen = []

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_request(self, code='-', size='-'):
            seen.append(self.path)

        def log_message(self, *args):
            pass

    with tempfile.TemporaryDirectory() as directory:
        write_pages(directory, pages)
        server = http.server.ThreadingHTTPServer(
            ('127.0.0.1', 0), functools.partial(Handler, directory=directory))
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            server.socket = context.wrap_socket(server.socket,
                                                server_side=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield (f'http{"s" if certificate else ""}://127.0.0.1:'
                   f'{server.server_port}/'), seen
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


def wait_for_port(port, process):
    deadline = time.monotonic() + 20 * STRETCH
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError):
            socket.create_connection(('127.0.0.1', port)).close()
            return
        time.sleep(0.05)
    raise AssertionError(f'{process.args[0]} does not start')


@contextlib.contextmanager
def python_program(pages):
    """`python -m http.server`, as people start it: HTTP/1.0, and each
    connection for one page. Yields its URL."""
    port = free_port()
    with tempfile.TemporaryDirectory() as directory:
        write_pages(directory, pages)
        with subprocess.Popen(
                [sys.executable, '-m', 'http.server', str(port), '--bind',
                 '127.0.0.1', '--directory', directory],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL) as server:
            try:
                wait_for_port(port, server)
                yield f'http://127.0.0.1:{port}/'
            finally:
                server.terminate()


NGINX = '''
daemon off;
{user}
worker_processes 2;
pid {directory}/pid;
error_log {directory}/errors;
events {{ worker_connections 1024; }}
http {{
    types {{ text/html html; }}
    client_body_temp_path {directory}/t1;
    proxy_temp_path {directory}/t2;
    fastcgi_temp_path {directory}/t3;
    uwsgi_temp_path {directory}/t4;
    scgi_temp_path {directory}/t5;
    log_format connections "$connection $connection_requests";
    access_log {directory}/log connections;
    keepalive_requests 20;
    server {{
        listen 127.0.0.1:{port};
        root {directory}/pages;
        # What is put together on the way has no length: it comes in chunks.
        location /dir-1/ {{ ssi on; }}
        location = /teapot {{ return 418; }}
        location = /drop {{ return 444; }}
        location = /moved {{ return 302 /dir-0; }}
    }}
}}
'''


@contextlib.contextmanager
def nginx(pages):
    """Yields its URL and a function that returns its log's lines."""
    program = shutil.which('nginx', path=os.environ['PATH'] + ':/usr/sbin')
    if not program:
        raise Absent('nginx is not installed')
    port = free_port()
    with tempfile.TemporaryDirectory() as directory:
        write_pages(f'{directory}/pages', pages)
        user = 'user root;' if os.geteuid() == 0 else ''
        with open(f'{directory}/conf', 'w', encoding='utf-8') as file:
            file.write(NGINX.format(directory=directory, port=port, user=user))

        def log():
            with open(f'{directory}/log', encoding='utf-8') as file:
                return file.read().splitlines()

        with subprocess.Popen([program, '-p', directory, '-c',
                               f'{directory}/conf'],
                              stderr=subprocess.DEVNULL) as server:
            try:
                wait_for_port(port, server)
                yield f'http://127.0.0.1:{port}/', log
            finally:
                server.send_signal(signal.SIGQUIT)
