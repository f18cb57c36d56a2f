from __future__ import annotations

import threading

from engine.bulletin import Bulletin, Corrected, News, ShelfChanged


def test_that_every_listener_hears_all_news_in_order() -> None:
    bulletin = Bulletin()
    first: list[News] = []
    second: list[News] = []
    bulletin.listen(first.append)
    bulletin.listen(second.append)
    bulletin.tell(ShelfChanged())
    bulletin.tell(Corrected(3, "dog"))
    assert first == second == [ShelfChanged(), Corrected(3, "dog")]


def test_that_a_listener_that_stopped_hears_no_more() -> None:
    bulletin = Bulletin()
    heard: list[News] = []
    stop = bulletin.listen(heard.append)
    stop()
    stop()
    bulletin.tell(ShelfChanged())
    assert heard == []


def test_that_a_listener_may_stop_or_start_others_while_it_listens() -> None:
    bulletin = Bulletin()
    heard: list[str] = []

    def once(_: News) -> None:
        heard.append("once")
        stop()
        bulletin.listen(lambda _: heard.append("late"))

    stop = bulletin.listen(once)
    bulletin.tell(ShelfChanged())
    bulletin.tell(ShelfChanged())
    assert heard == ["once", "late"]


def test_that_a_listener_may_tell_news_itself() -> None:
    bulletin = Bulletin()
    heard: list[News] = []

    def answer(news: News) -> None:
        heard.append(news)
        if isinstance(news, ShelfChanged):
            bulletin.tell(Corrected(1, None))

    bulletin.listen(answer)
    bulletin.tell(ShelfChanged())
    assert heard == [ShelfChanged(), Corrected(1, None)]


def test_that_news_is_told_in_the_thread_that_has_it() -> None:
    bulletin = Bulletin()
    names: list[str] = []
    bulletin.listen(lambda _: names.append(threading.current_thread().name))
    teller = threading.Thread(target=lambda: bulletin.tell(ShelfChanged()), name="teller")
    teller.start()
    teller.join()
    assert names == ["teller"]
