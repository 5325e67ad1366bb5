"""“已有就略过”的插入：有的不动，没有的进去，语句只编译一次。"""

from sqlalchemy import Column, Integer, MetaData, String, Table, create_engine, select
from sqlalchemy.dialects import postgresql

from server.queries.passing import insert_or_pass

WORDS = Table("words", MetaData(), Column("id", Integer, primary_key=True), Column("word", String, unique=True))


def test_a_row_that_is_there_is_passed_over() -> None:
    engine = create_engine("sqlite://")
    WORDS.create(engine)
    statement = insert_or_pass(WORDS)
    with engine.begin() as connection:
        assert connection.execute(statement, [{"word": "甲"}, {"word": "乙"}]).rowcount == 2
        assert connection.execute(statement, [{"word": "乙"}, {"word": "丙"}]).rowcount == 1
        told = connection.execute(statement.returning(WORDS.c.id), {"word": "甲"}).scalar()
        assert told is None
        assert list(connection.scalars(select(WORDS.c.word).order_by(WORDS.c.id))) == ["甲", "乙", "丙"]


def test_the_clause_stands_before_what_is_returned_and_the_statement_can_be_kept() -> None:
    statement = insert_or_pass(WORDS).returning(WORDS.c.id)
    text = str(statement.compile(dialect=postgresql.dialect()))
    assert text.index("ON CONFLICT DO NOTHING") < text.index("RETURNING")
    assert statement._generate_cache_key() is not None
