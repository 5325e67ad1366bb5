"""transparency"""

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table('log_entries',
    sa.Column('seq', KEY, autoincrement=False, nullable=False),
    sa.Column('entry', sa.Text(), nullable=False),
    sa.Column('draw', sa.String(length=48), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('leaf_sha256', sa.String(length=64), nullable=False),
    sa.Column('prev_sha256', sa.String(length=64), nullable=False),
    sa.Column('at', INSTANT, nullable=False),
    sa.PrimaryKeyConstraint('seq', name=op.f('pk_log_entries'))
    )
    op.create_index(op.f('ix_log_entries_digest'), 'log_entries', ['digest'], unique=False)
    op.create_index(op.f('ix_log_entries_draw_seq'), 'log_entries', ['draw', 'seq'], unique=False)
    op.create_table('log_nodes',
    sa.Column('level', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('index', KEY, autoincrement=False, nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('level', 'index', name=op.f('pk_log_nodes'))
    )
    op.create_table('log_checkpoints',
    sa.Column('size', KEY, autoincrement=False, nullable=False),
    sa.Column('root_sha256', sa.String(length=64), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('at', INSTANT, nullable=False),
    sa.PrimaryKeyConstraint('size', name=op.f('pk_log_checkpoints'))
    )


def downgrade() -> None:
    op.drop_table('log_checkpoints')
    op.drop_table('log_nodes')
    op.drop_index(op.f('ix_log_entries_draw_seq'), table_name='log_entries')
    op.drop_index(op.f('ix_log_entries_digest'), table_name='log_entries')
    op.drop_table('log_entries')
