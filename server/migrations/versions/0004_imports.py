"""imports"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None

DOCUMENT = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
INSTANT = sa.DateTime(timezone=True)
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table('register_imports',
    sa.Column('uuid', sa.String(36), nullable=False),
    sa.Column('room', sa.String(length=20), nullable=False),
    sa.Column('file_name', sa.String(length=200), nullable=False),
    sa.Column('file_sha256', sa.String(length=64), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('mode', sa.String(length=16), nullable=True),
    sa.Column('counts', DOCUMENT, nullable=False),
    sa.Column('by', KEY, nullable=True),
    sa.Column('at', INSTANT, nullable=False),
    sa.Column('applied_at', INSTANT, nullable=True),
    sa.Column('id', KEY, autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['by'], ['users.id'], name=op.f('fk_register_imports_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_register_imports')),
    sa.UniqueConstraint('uuid', name=op.f('uq_register_imports_uuid'))
    )
    op.create_index(op.f('ix_register_imports_by_id'), 'register_imports', ['by', 'id'], unique=False)
    op.create_table('register_import_rows',
    sa.Column('import_id', KEY, nullable=False),
    sa.Column('row_no', sa.Integer(), nullable=False),
    sa.Column('verdict', sa.String(length=8), nullable=False),
    sa.Column('key', sa.String(length=240), nullable=False),
    sa.Column('values', DOCUMENT, nullable=False),
    sa.Column('faults', DOCUMENT, nullable=False),
    sa.Column('applied_at', INSTANT, nullable=True),
    sa.Column('id', KEY, autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['import_id'], ['register_imports.id'], name=op.f('fk_register_import_rows_import_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_register_import_rows')),
    sa.UniqueConstraint('import_id', 'row_no', name=op.f('uq_register_import_rows_import_id_row_no'))
    )
    op.create_index(op.f('ix_register_import_rows_import_id_verdict_row_no'), 'register_import_rows', ['import_id', 'verdict', 'row_no'], unique=False)


def downgrade() -> None:
    op.drop_index(op.f('ix_register_import_rows_import_id_verdict_row_no'), table_name='register_import_rows')
    op.drop_table('register_import_rows')
    op.drop_index(op.f('ix_register_imports_by_id'), table_name='register_imports')
    op.drop_table('register_imports')
