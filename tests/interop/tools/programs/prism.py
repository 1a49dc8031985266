"""Usage: prism.py mock|proxy BIN DOCUMENT RECORDINGS [SERVER]. Sends the recorded requests to Prism.

A mock must send the recorded responses. A proxy must not report a violation in the responses that it forwards.
"""

import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

kind, programs, document_file, recordings_file, *upstream = sys.argv[1:]
document, recordings = (json.loads(Path(name).read_text(encoding="utf-8")) for name in (document_file, recordings_file))
own = [each for each in recordings if each["template"] in document["paths"]]
assert own, "no recording is of this document"
with socket.create_server(("127.0.0.1", 0)) as free:
    port = free.getsockname()[1]
command = [f"{programs}/prism", kind, "--host", "127.0.0.1", "--port", str(port), document_file, *upstream]
if kind == "proxy":
    command.append("--errors")


def answer(each):
    """Return status and body of the response to a recorded request."""
    query = urllib.parse.urlencode(each["query"])
    request = urllib.request.Request(f"http://127.0.0.1:{port}{each['path']}?{query}")
    request.add_header("X-Auth-Token", "x")
    if kind == "mock":
        request.add_header("Prefer", f"code={each['status']}, example={each['name']}")
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.status, response.read(), response.headers
    except urllib.error.HTTPError as error:
        return error.code, error.read(), error.headers


with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT) as process:
    try:
        for each in own:
            for _ in range(300):
                try:
                    status, body, headers = answer(each)
                    break
                except urllib.error.URLError:
                    assert process.poll() is None, "error: Prism must keep running, but has ended"
                    time.sleep(0.2)
            else:
                sys.exit("error: Prism must respond within the timeout")
            same = status == each["status"] and (kind == "proxy" or json.loads(body) == each["body"])
            assert same, f"error: {each['name']} must get the recorded response, got {status} {body[:300]!r}"
            assert not headers.get("sl-violations"), f"error: {each['name']}: {headers['sl-violations']}"
    finally:
        process.terminate()
