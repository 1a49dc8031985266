"""Usage: mokapi.py BIN DOCUMENT RECORDINGS. Sends the recorded requests to a mock of the document."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

programs, document_file, recordings_file = sys.argv[1:]
document, recordings = (json.loads(Path(name).read_text(encoding="utf-8")) for name in (document_file, recordings_file))
own = [each for each in recordings if each["template"] in document["paths"] and each["status"] == 200]
assert own, "no successful recording is of this document"
ports = []
for _ in range(2):
    with socket.create_server(("127.0.0.1", 0)) as free:
        ports.append(free.getsockname()[1])
# The mock listens at the address of the document's server.
document["servers"] = [{"url": f"http://127.0.0.1:{ports[0]}"}]
Path("mock.json").write_text(json.dumps(document), encoding="utf-8")
command = [f"{programs}/mokapi", "--providers-file-filename", "mock.json", "--api-port", str(ports[1])]
# Its program starts another one, which would stay, so both are ended as a group.
with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT, start_new_session=True) as process:
    try:
        for each in own:
            request = urllib.request.Request(
                f"http://127.0.0.1:{ports[0]}{each['path']}", headers={"X-Auth-Token": "x"}
            )
            for _ in range(100):
                try:
                    with urllib.request.urlopen(request, timeout=30) as response:
                        body = json.load(response)
                    break
                except urllib.error.HTTPError as error:
                    sys.exit(f"error: {error.code} {error.read()[:300]!r}")
                except urllib.error.URLError:
                    assert process.poll() is None, "error: Mokapi must keep running, but has ended"
                    time.sleep(0.2)
            else:
                sys.exit("error: Mokapi must respond within the timeout")
            assert body == each["body"], f"error: {each['name']} must get the recorded body, got {str(body)[:200]}"
    finally:
        os.killpg(process.pid, signal.SIGTERM)
