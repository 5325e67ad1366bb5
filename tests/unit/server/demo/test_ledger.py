"""账本的一行：哪本账与收讫不同，不同在谁。"""

from server.demo.ledger import Account, Books

SAME = {"a": "1", "b": "2"}


def test_equal_books_agree_and_show_their_numbers() -> None:
    account = Account("检查", (SAME, SAME, SAME, SAME, None))
    assert account.faults() == []
    assert account.text().split() == ["检查", "2", "2", "2", "2", "-", "相符"]


def test_missing_added_and_changed_keys_are_faults() -> None:
    books = ({"a": "1"}, SAME | {"c": "3"}, {"a": "1", "b": "9"})
    for book in books:
        faults = Account("照片", (SAME, book, None, None, None)).faults()
        assert len(faults) == 1
        assert "已存与收讫不同的有 1 个" in faults[0]


def test_loose_faults_count_too() -> None:
    books = Books([Account("检查", (SAME,) * 5)], ["待办 check.submitted 还有 1 件没有办"])
    assert books.faults() == ["待办 check.submitted 还有 1 件没有办"]
