"""Load on a running server: `make load-test`, or with a server of your own:

    locust --headless --host http://127.0.0.1:5000 --users 50 --spawn-rate 10 --run-time 1m

Each user looks at a picture's class, now and then at statistics and health, and waits one to three seconds between.
Give pictures with WHISKER_PICTURES=FOLDER; else one is made up.
"""

from __future__ import annotations

import io
import os
import random
from pathlib import Path

from locust import HttpUser, between, task
from PIL import Image


def pictures() -> list[bytes]:
    folder = os.environ.get("WHISKER_PICTURES")
    if folder:
        found = sorted(Path(folder).rglob("*.jpg"))[:200]
        return [file.read_bytes() for file in found]
    made = io.BytesIO()
    Image.effect_noise((500, 375), 80).convert("RGB").save(made, "JPEG", quality=80)
    return [made.getvalue()]


PICTURES = pictures()


class Person(HttpUser):
    """Somebody with pictures."""

    wait_time = between(1, 3)

    @task(10)
    def predict(self) -> None:
        self._ask("post", "/api/predict", files={"file": ("photo.jpg", random.choice(PICTURES), "image/jpeg")})

    @task(2)
    def statistics(self) -> None:
        self._ask("get", "/api/statistics")

    @task(1)
    def health(self) -> None:
        self._ask("get", "/api/health")

    @task(1)
    def recent(self) -> None:
        self._ask("get", "/api/predictions?limit=20")

    def _ask(self, method: str, path: str, **options: object) -> None:
        with self.client.request(method, path, catch_response=True, name=path.partition("?")[0], **options) as answer:
            # Being told to come back is an answer, and counted apart.
            if answer.status_code == 503 and "Retry-After" in answer.headers:
                self.environment.runner.stats.get("turned away (503)", method.upper()).log(0, 0)
                answer.success()
