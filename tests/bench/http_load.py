"""http_load.py - sends prepared requests over some connections at once, and says what came back.

usage: http_load.py PORT USER:PASSWORD CONNECTIONS FILE
  FILE: JSON lines of [method, target, content type, path of the body or null]; "{uri}" in a target
        is the URI that the same connection was answered last

Each connection is a process of its own, which has its bodies in memory before the clock starts.
Prints {"seconds": ..., "statuses": {"200": ...}}. Python's standard library only."""

import base64
import collections
import http.client
import json
import multiprocessing
import sys
import time
from pathlib import Path


def send(port, credentials, lines, ready, results):
    requests = []
    for line in lines:
        method, target, content_type, path = json.loads(line)
        headers = {'Authorization': 'Basic ' + base64.b64encode(credentials.encode()).decode()}
        if content_type:
            headers['Content-Type'] = content_type
        requests.append((method, target, Path(path).read_bytes() if path else None, headers))
    ready.wait()
    # A server closes a connection on which nothing comes: it is made when there is something.
    connection = http.client.HTTPConnection('127.0.0.1', port, timeout=300)
    statuses = collections.Counter()
    uri = ''
    try:
        for method, target, body, headers in requests:
            connection.request(method, target.replace('{uri}', uri), body, headers)
            answer = connection.getresponse()
            data = answer.read()
            statuses[str(answer.status)] += 1
            if answer.getheader('Content-Type') == 'text/uri-list':
                uri = data.decode().strip()
    except (OSError, http.client.HTTPException) as error:
        statuses[repr(error)] += 1
    results.put(statuses)


def main():
    port, credentials, connections, path = sys.argv[1:]
    lines = Path(path).read_text().splitlines()
    count = int(connections)
    ready = multiprocessing.Barrier(count + 1)
    results = multiprocessing.Queue()
    senders = [multiprocessing.Process(target=send, args=(
        int(port), credentials, lines[i::count], ready, results)) for i in range(count)]
    for sender in senders:
        sender.start()
    ready.wait()
    begin = time.perf_counter()
    statuses = sum((results.get() for _ in senders), collections.Counter())
    print(json.dumps({'seconds': time.perf_counter() - begin, 'statuses': statuses}))
    for sender in senders:
        sender.join()


if __name__ == '__main__':
    main()
