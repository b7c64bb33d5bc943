"""Clients that load a server and judge every answer."""
import http.client
import threading
import time

from server import PATIENCE_S


def wait_until(condition, what):
    end = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("waited in vain for " + what)
        time.sleep(0.01)


class Load:
    """Clients that ask, one request after the other on connections of their own, until they are told to
    stop. Every answer is judged; a connection that ends without one is a lost request, unless the server
    said `Connection: close` before, or `may_refuse` and it could not be opened."""

    def __init__(self, port, clients, request, judge):
        self.port, self.request, self.judge = port, request, judge
        self.ending = threading.Event()
        self.answered = [0] * clients
        self.failures = []
        self.refused = 0
        self.may_refuse = False
        self.threads = [threading.Thread(target=self._client, args=[number])
                        for number in range(clients)]
        for thread in self.threads:
            thread.start()

    def _client(self, number):
        connection = None
        try:
            while not self.ending.is_set():
                if connection is None:
                    connection = http.client.HTTPConnection("127.0.0.1", self.port,
                                                            timeout=PATIENCE_S)
                    try:
                        connection.connect()
                    except ConnectionRefusedError:
                        if not self.may_refuse:
                            raise
                        self.refused += 1
                        return
                method, path, body = self.request(number, self.answered[number])
                connection.request(method, path, body, {"Content-Type": "application/json"})
                response = connection.getresponse()
                data = response.read()
                closes = response.getheader("Connection", "").lower() == "close"
                self.judge(number, self.answered[number], response.status, data)
                self.answered[number] += 1
                if closes:
                    connection.close()
                    connection = None
        except Exception as error:  # shown by stop()
            self.failures.append(f"client {number}, request {self.answered[number]}: {error!r}")
        finally:
            if connection:
                connection.close()

    def wait_for(self, count):
        target = sum(self.answered) + count
        wait_until(lambda: sum(self.answered) >= target or self.failures, f"{count} answers")

    def stop(self):
        self.ending.set()
        for thread in self.threads:
            thread.join(PATIENCE_S)
        assert not self.failures, self.failures[:5]
        return sum(self.answered)
