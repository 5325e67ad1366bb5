"""registers_and_draws"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None

DOCUMENT = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
INSTANT = sa.DateTime(timezone=True)
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table('calendar_days',
    sa.Column('on', sa.Date(), nullable=False),
    sa.Column('works', sa.Boolean(), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('source', sa.String(length=200), nullable=False),
    sa.PrimaryKeyConstraint('on', name=op.f('pk_calendar_days'))
    )
    op.create_table('draw_secrets',
    sa.Column('series', sa.String(length=48), nullable=False),
    sa.Column('steps', sa.Integer(), nullable=False),
    sa.Column('sealed', sa.LargeBinary(), nullable=False),
    sa.Column('closed_at', INSTANT, nullable=True),
    sa.PrimaryKeyConstraint('series', name=op.f('pk_draw_secrets'))
    )
    op.create_table('deadlines',
    sa.Column('uuid', sa.String(36), nullable=False),
    sa.Column('kind', sa.String(length=24), nullable=False),
    sa.Column('about_id', sa.Integer(), nullable=False),
    sa.Column('about_uuid', sa.String(36), nullable=False),
    sa.Column('title', sa.String(length=240), nullable=False),
    sa.Column('region_code', sa.String(length=12), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('days', sa.Integer(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('provisional', sa.Boolean(), nullable=False),
    sa.Column('calendar_version', sa.String(length=12), nullable=False),
    sa.Column('created_at', INSTANT, nullable=False),
    sa.Column('met_at', INSTANT, nullable=True),
    sa.Column('warned_at', INSTANT, nullable=True),
    sa.Column('overdue_at', INSTANT, nullable=True),
    sa.Column('id', KEY, autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['region_code'], ['regions.code'], name=op.f('fk_deadlines_region_code')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_deadlines')),
    sa.UniqueConstraint('kind', 'about_id', name=op.f('uq_deadlines_kind_about_id')),
    sa.UniqueConstraint('uuid', name=op.f('uq_deadlines_uuid'))
    )
    op.create_index(op.f('ix_deadlines_due_on'), 'deadlines', ['due_on'], unique=False)
    op.create_index(op.f('ix_deadlines_region_code_met_at_due_on'), 'deadlines', ['region_code', 'met_at', 'due_on'], unique=False)
    op.create_table('matters',
    sa.Column('uuid', sa.String(36), nullable=False),
    sa.Column('code', sa.String(length=32), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('frame', sa.String(length=20), nullable=False),
    sa.Column('kinds', DOCUMENT, nullable=False),
    sa.Column('region_code', sa.String(length=12), nullable=False),
    sa.Column('organisation_id', KEY, nullable=False),
    sa.Column('legal_bases', DOCUMENT, nullable=False),
    sa.Column('checklists', DOCUMENT, nullable=False),
    sa.Column('share_num', sa.Integer(), nullable=False),
    sa.Column('share_den', sa.Integer(), nullable=False),
    sa.Column('times_a_year', sa.Integer(), nullable=False),
    sa.Column('method', sa.Text(), nullable=False),
    sa.Column('content', sa.Text(), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('created_at', INSTANT, nullable=False),
    sa.Column('updated_at', INSTANT, nullable=False),
    sa.Column('retired_at', INSTANT, nullable=True),
    sa.Column('id', KEY, autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisations.id'], name=op.f('fk_matters_organisation_id')),
    sa.ForeignKeyConstraint(['region_code'], ['regions.code'], name=op.f('fk_matters_region_code')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_matters')),
    sa.UniqueConstraint('code', name=op.f('uq_matters_code')),
    sa.UniqueConstraint('uuid', name=op.f('uq_matters_uuid'))
    )
    op.create_index(op.f('ix_matters_region_code'), 'matters', ['region_code'], unique=False)
    op.create_table('annual_plans',
    sa.Column('uuid', sa.String(36), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('title', sa.String(length=160), nullable=False),
    sa.Column('region_code', sa.String(length=12), nullable=False),
    sa.Column('organisation_id', KEY, nullable=False),
    sa.Column('annual_cap', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('options', DOCUMENT, nullable=False),
    sa.Column('by', KEY, nullable=False),
    sa.Column('created_at', INSTANT, nullable=False),
    sa.Column('published_at', INSTANT, nullable=True),
    sa.Column('id', KEY, autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['by'], ['users.id'], name=op.f('fk_annual_plans_by')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisations.id'], name=op.f('fk_annual_plans_organisation_id')),
    sa.ForeignKeyConstraint(['region_code'], ['regions.code'], name=op.f('fk_annual_plans_region_code')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_annual_plans')),
    sa.UniqueConstraint('uuid', name=op.f('uq_annual_plans_uuid'))
    )
    op.create_index(op.f('ix_annual_plans_region_code_year'), 'annual_plans', ['region_code', 'year'], unique=False)
    op.create_table('calendar_years',
    sa.Column('year', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('notice', sa.String(length=200), nullable=False),
    sa.Column('by', KEY, nullable=True),
    sa.Column('at', INSTANT, nullable=False),
    sa.ForeignKeyConstraint(['by'], ['users.id'], name=op.f('fk_calendar_years_by')),
    sa.PrimaryKeyConstraint('year', name=op.f('pk_calendar_years'))
    )
    op.create_table('notices',
    sa.Column('uuid', sa.String(36), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('region_code', sa.String(length=12), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('about', DOCUMENT, nullable=False),
    sa.Column('at', INSTANT, nullable=False),
    sa.Column('read_at', INSTANT, nullable=True),
    sa.Column('read_by', KEY, nullable=True),
    sa.Column('id', KEY, autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['read_by'], ['users.id'], name=op.f('fk_notices_read_by')),
    sa.ForeignKeyConstraint(['region_code'], ['regions.code'], name=op.f('fk_notices_region_code')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notices')),
    sa.UniqueConstraint('uuid', name=op.f('uq_notices_uuid'))
    )
    op.create_index(op.f('ix_notices_region_code_id'), 'notices', ['region_code', 'id'], unique=False)
    op.create_table('officer_interests',
    sa.Column('uuid', sa.String(36), nullable=False),
    sa.Column('officer_id', KEY, nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('organisation_id', KEY, nullable=True),
    sa.Column('subject_id', KEY, nullable=True),
    sa.Column('from_on', sa.Date(), nullable=True),
    sa.Column('to_on', sa.Date(), nullable=True),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('by', KEY, nullable=True),
    sa.Column('at', INSTANT, nullable=False),
    sa.Column('cancelled_at', INSTANT, nullable=True),
    sa.Column('id', KEY, autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['by'], ['users.id'], name=op.f('fk_officer_interests_by')),
    sa.ForeignKeyConstraint(['officer_id'], ['officers.id'], name=op.f('fk_officer_interests_officer_id')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisations.id'], name=op.f('fk_officer_interests_organisation_id')),
    sa.ForeignKeyConstraint(['subject_id'], ['subjects.id'], name=op.f('fk_officer_interests_subject_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_officer_interests')),
    sa.UniqueConstraint('uuid', name=op.f('uq_officer_interests_uuid'))
    )
    op.create_index(op.f('ix_officer_interests_officer_id'), 'officer_interests', ['officer_id'], unique=False)
    op.create_index(op.f('ix_officer_interests_organisation_id'), 'officer_interests', ['organisation_id'], unique=False)
    op.create_index(op.f('ix_officer_interests_subject_id'), 'officer_interests', ['subject_id'], unique=False)
    op.create_table('officer_leaves',
    sa.Column('uuid', sa.String(36), nullable=False),
    sa.Column('officer_id', KEY, nullable=False),
    sa.Column('from_on', sa.Date(), nullable=False),
    sa.Column('to_on', sa.Date(), nullable=False),
    sa.Column('reason', sa.String(length=120), nullable=False),
    sa.Column('by', KEY, nullable=True),
    sa.Column('at', INSTANT, nullable=False),
    sa.Column('cancelled_at', INSTANT, nullable=True),
    sa.Column('id', KEY, autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['by'], ['users.id'], name=op.f('fk_officer_leaves_by')),
    sa.ForeignKeyConstraint(['officer_id'], ['officers.id'], name=op.f('fk_officer_leaves_officer_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_officer_leaves')),
    sa.UniqueConstraint('uuid', name=op.f('uq_officer_leaves_uuid'))
    )
    op.create_index(op.f('ix_officer_leaves_officer_id'), 'officer_leaves', ['officer_id'], unique=False)
    op.create_table('register_changes',
    sa.Column('register', sa.String(length=16), nullable=False),
    sa.Column('record_id', sa.Integer(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('act', sa.String(length=12), nullable=False),
    sa.Column('changes', DOCUMENT, nullable=False),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('by', KEY, nullable=True),
    sa.Column('at', INSTANT, nullable=False),
    sa.Column('id', KEY, autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['by'], ['users.id'], name=op.f('fk_register_changes_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_register_changes'))
    )
    op.create_index(op.f('ix_register_changes_register_record_id_id'), 'register_changes', ['register', 'record_id', 'id'], unique=False)
    op.create_table('batches',
    sa.Column('uuid', sa.String(36), nullable=False),
    sa.Column('plan_id', KEY, nullable=False),
    sa.Column('title', sa.String(length=160), nullable=False),
    sa.Column('region_code', sa.String(length=12), nullable=False),
    sa.Column('frame', sa.String(length=20), nullable=False),
    sa.Column('campaign', sa.String(length=60), nullable=True),
    sa.Column('options', DOCUMENT, nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('by', KEY, nullable=False),
    sa.Column('created_at', INSTANT, nullable=False),
    sa.Column('updated_at', INSTANT, nullable=False),
    sa.Column('id', KEY, autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['by'], ['users.id'], name=op.f('fk_batches_by')),
    sa.ForeignKeyConstraint(['plan_id'], ['annual_plans.id'], name=op.f('fk_batches_plan_id')),
    sa.ForeignKeyConstraint(['region_code'], ['regions.code'], name=op.f('fk_batches_region_code')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_batches')),
    sa.UniqueConstraint('uuid', name=op.f('uq_batches_uuid'))
    )
    op.create_index(op.f('ix_batches_campaign'), 'batches', ['campaign'], unique=False)
    op.create_index(op.f('ix_batches_plan_id'), 'batches', ['plan_id'], unique=False)
    op.create_index(op.f('ix_batches_region_code'), 'batches', ['region_code'], unique=False)
    op.create_table('batch_matters',
    sa.Column('batch_id', KEY, nullable=False),
    sa.Column('matter_id', KEY, nullable=False),
    sa.ForeignKeyConstraint(['batch_id'], ['batches.id'], name=op.f('fk_batch_matters_batch_id')),
    sa.ForeignKeyConstraint(['matter_id'], ['matters.id'], name=op.f('fk_batch_matters_matter_id')),
    sa.PrimaryKeyConstraint('batch_id', 'matter_id', name=op.f('pk_batch_matters'))
    )
    op.create_index(op.f('ix_batch_matters_matter_id'), 'batch_matters', ['matter_id'], unique=False)
    op.create_table('draws',
    sa.Column('uuid', sa.String(36), nullable=False),
    sa.Column('code', sa.String(length=48), nullable=False),
    sa.Column('series', sa.String(length=48), nullable=False),
    sa.Column('round', sa.Integer(), nullable=False),
    sa.Column('replaces', sa.String(length=48), nullable=True),
    sa.Column('batch_id', KEY, nullable=False),
    sa.Column('region_code', sa.String(length=12), nullable=False),
    sa.Column('agency_code', sa.String(length=40), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('plan', sa.Text(), nullable=False),
    sa.Column('plan_sha256', sa.String(length=64), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('entropy', sa.Text(), nullable=True),
    sa.Column('result_sha256', sa.String(length=64), nullable=True),
    sa.Column('summary', DOCUMENT, nullable=False),
    sa.Column('failure', sa.Text(), nullable=True),
    sa.Column('void_reason', sa.String(length=40), nullable=True),
    sa.Column('void_note', sa.Text(), nullable=True),
    sa.Column('opening', sa.Text(), nullable=True),
    sa.Column('by', KEY, nullable=False),
    sa.Column('announced_at', INSTANT, nullable=False),
    sa.Column('numbers_due_at', INSTANT, nullable=False),
    sa.Column('typed_at', INSTANT, nullable=True),
    sa.Column('sealed_at', INSTANT, nullable=True),
    sa.Column('opened_at', INSTANT, nullable=True),
    sa.Column('voided_at', INSTANT, nullable=True),
    sa.Column('id', KEY, autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['batch_id'], ['batches.id'], name=op.f('fk_draws_batch_id')),
    sa.ForeignKeyConstraint(['by'], ['users.id'], name=op.f('fk_draws_by')),
    sa.ForeignKeyConstraint(['region_code'], ['regions.code'], name=op.f('fk_draws_region_code')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_draws')),
    sa.UniqueConstraint('code', name=op.f('uq_draws_code')),
    sa.UniqueConstraint('plan_sha256', name=op.f('uq_draws_plan_sha256')),
    sa.UniqueConstraint('series', 'round', name=op.f('uq_draws_series_round')),
    sa.UniqueConstraint('uuid', name=op.f('uq_draws_uuid'))
    )
    op.create_index(op.f('ix_draws_agency_code'), 'draws', ['agency_code'], unique=False)
    op.create_index(op.f('ix_draws_batch_id'), 'draws', ['batch_id'], unique=False)
    op.create_index(op.f('ix_draws_region_code_announced_at'), 'draws', ['region_code', 'announced_at'], unique=False)
    op.create_table('assignments',
    sa.Column('uuid', sa.String(36), nullable=False),
    sa.Column('draw_id', KEY, nullable=True),
    sa.Column('batch_id', KEY, nullable=True),
    sa.Column('subject_id', KEY, nullable=False),
    sa.Column('region_code', sa.String(length=12), nullable=False),
    sa.Column('stratum', sa.String(length=60), nullable=False),
    sa.Column('rank', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('outcome', sa.String(length=24), nullable=True),
    sa.Column('checklist_version_ids', DOCUMENT, nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('due_provisional', sa.Boolean(), nullable=False),
    sa.Column('calendar_version', sa.String(length=12), nullable=False),
    sa.Column('check_id', KEY, nullable=True),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('created_at', INSTANT, nullable=False),
    sa.Column('changed_at', INSTANT, nullable=False),
    sa.Column('ended_at', INSTANT, nullable=True),
    sa.Column('id', KEY, autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['batch_id'], ['batches.id'], name=op.f('fk_assignments_batch_id')),
    sa.ForeignKeyConstraint(['check_id'], ['checks.id'], name=op.f('fk_assignments_check_id')),
    sa.ForeignKeyConstraint(['draw_id'], ['draws.id'], name=op.f('fk_assignments_draw_id')),
    sa.ForeignKeyConstraint(['region_code'], ['regions.code'], name=op.f('fk_assignments_region_code')),
    sa.ForeignKeyConstraint(['subject_id'], ['subjects.id'], name=op.f('fk_assignments_subject_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_assignments')),
    sa.UniqueConstraint('draw_id', 'subject_id', name=op.f('uq_assignments_draw_id_subject_id')),
    sa.UniqueConstraint('uuid', name=op.f('uq_assignments_uuid'))
    )
    op.create_index(op.f('ix_assignments_batch_id'), 'assignments', ['batch_id'], unique=False)
    op.create_index(op.f('ix_assignments_changed_at_id'), 'assignments', ['changed_at', 'id'], unique=False)
    op.create_index(op.f('ix_assignments_check_id'), 'assignments', ['check_id'], unique=False)
    op.create_index(op.f('ix_assignments_region_code_state_due_on'), 'assignments', ['region_code', 'state', 'due_on'], unique=False)
    op.create_index(op.f('ix_assignments_subject_id'), 'assignments', ['subject_id'], unique=False)
    op.create_table('draw_changes',
    sa.Column('draw_id', KEY, nullable=False),
    sa.Column('n', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('reason', sa.String(length=40), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('body', DOCUMENT, nullable=False),
    sa.Column('salt', sa.String(length=64), nullable=False),
    sa.Column('by', KEY, nullable=False),
    sa.Column('at', INSTANT, nullable=False),
    sa.Column('id', KEY, autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['by'], ['users.id'], name=op.f('fk_draw_changes_by')),
    sa.ForeignKeyConstraint(['draw_id'], ['draws.id'], name=op.f('fk_draw_changes_draw_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_draw_changes')),
    sa.UniqueConstraint('draw_id', 'n', name=op.f('uq_draw_changes_draw_id_n'))
    )
    op.create_table('draw_files',
    sa.Column('draw_id', KEY, nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['draw_id'], ['draws.id'], name=op.f('fk_draw_files_draw_id')),
    sa.PrimaryKeyConstraint('draw_id', 'name', name=op.f('pk_draw_files'))
    )
    op.create_table('draw_numbers',
    sa.Column('draw_id', KEY, nullable=False),
    sa.Column('groups', DOCUMENT, nullable=False),
    sa.Column('issue', sa.String(length=40), nullable=True),
    sa.Column('witnesses', DOCUMENT, nullable=False),
    sa.Column('source_note', sa.Text(), nullable=False),
    sa.Column('attachment_sha256', sa.String(length=64), nullable=True),
    sa.Column('by', KEY, nullable=False),
    sa.Column('at', INSTANT, nullable=False),
    sa.Column('confirmed_by', KEY, nullable=True),
    sa.Column('confirmed_at', INSTANT, nullable=True),
    sa.Column('refused_at', INSTANT, nullable=True),
    sa.Column('id', KEY, autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['by'], ['users.id'], name=op.f('fk_draw_numbers_by')),
    sa.ForeignKeyConstraint(['confirmed_by'], ['users.id'], name=op.f('fk_draw_numbers_confirmed_by')),
    sa.ForeignKeyConstraint(['draw_id'], ['draws.id'], name=op.f('fk_draw_numbers_draw_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_draw_numbers'))
    )
    op.create_index(op.f('ix_draw_numbers_draw_id'), 'draw_numbers', ['draw_id'], unique=False)
    op.create_table('draw_officers',
    sa.Column('draw_id', KEY, nullable=False),
    sa.Column('pseudonym', sa.String(length=12), nullable=False),
    sa.Column('officer_id', KEY, nullable=False),
    sa.ForeignKeyConstraint(['draw_id'], ['draws.id'], name=op.f('fk_draw_officers_draw_id')),
    sa.ForeignKeyConstraint(['officer_id'], ['officers.id'], name=op.f('fk_draw_officers_officer_id')),
    sa.PrimaryKeyConstraint('draw_id', 'pseudonym', name=op.f('pk_draw_officers'))
    )
    op.create_index(op.f('ix_draw_officers_officer_id'), 'draw_officers', ['officer_id'], unique=False)
    op.create_table('assignment_officers',
    sa.Column('assignment_id', KEY, nullable=False),
    sa.Column('seat', sa.Integer(), nullable=False),
    sa.Column('officer_id', KEY, nullable=False),
    sa.Column('lead', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['assignment_id'], ['assignments.id'], name=op.f('fk_assignment_officers_assignment_id')),
    sa.ForeignKeyConstraint(['officer_id'], ['officers.id'], name=op.f('fk_assignment_officers_officer_id')),
    sa.PrimaryKeyConstraint('assignment_id', 'seat', name=op.f('pk_assignment_officers'))
    )
    op.create_index(op.f('ix_assignment_officers_officer_id'), 'assignment_officers', ['officer_id'], unique=False)
    op.create_table('assignment_steps',
    sa.Column('key', sa.String(36), nullable=False),
    sa.Column('assignment_id', KEY, nullable=False),
    sa.Column('act', sa.String(length=24), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('body', DOCUMENT, nullable=False),
    sa.Column('evidence', DOCUMENT, nullable=False),
    sa.Column('by', KEY, nullable=True),
    sa.Column('at', INSTANT, nullable=False),
    sa.Column('id', KEY, autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['assignment_id'], ['assignments.id'], name=op.f('fk_assignment_steps_assignment_id')),
    sa.ForeignKeyConstraint(['by'], ['users.id'], name=op.f('fk_assignment_steps_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_assignment_steps')),
    sa.UniqueConstraint('key', name=op.f('uq_assignment_steps_key'))
    )
    op.create_index(op.f('ix_assignment_steps_assignment_id_id'), 'assignment_steps', ['assignment_id', 'id'], unique=False)
    op.add_column('officers', sa.Column('unit', sa.String(length=80), nullable=True))
    op.add_column('officers', sa.Column('issuer', sa.String(length=120), nullable=True))
    op.add_column('officers', sa.Column('skills', DOCUMENT, server_default='[]', nullable=False))
    op.add_column('officers', sa.Column('may_lead', sa.Boolean(), server_default=sa.text('true'), nullable=False))
    op.add_column('officers', sa.Column('revision', sa.Integer(), server_default='1', nullable=False))
    op.add_column('officers', sa.Column('updated_at', INSTANT, nullable=True))
    op.add_column('organisations', sa.Column('legal_representative', sa.String(length=64), nullable=True))
    op.add_column('organisations', sa.Column('address', sa.String(length=300), nullable=True))
    op.add_column('organisations', sa.Column('revision', sa.Integer(), server_default='1', nullable=False))
    op.add_column('organisations', sa.Column('updated_at', INSTANT, nullable=True))
    op.add_column('subjects', sa.Column('status', sa.String(length=12), server_default='active', nullable=False))
    op.add_column('subjects', sa.Column('risk_class', sa.String(length=24), server_default='credit-unclassified', nullable=False))
    op.add_column('subjects', sa.Column('stage', sa.String(length=40), nullable=True))
    op.add_column('subjects', sa.Column('permit_no', sa.String(length=40), nullable=True))
    op.add_column('subjects', sa.Column('contract_price', sa.Numeric(precision=16, scale=2), nullable=True))
    op.add_column('subjects', sa.Column('revision', sa.Integer(), server_default='1', nullable=False))
    op.add_column('subjects', sa.Column('updated_at', INSTANT, nullable=True))
    op.create_index(op.f('ix_subjects_permit_no'), 'subjects', ['permit_no'], unique=False)


def downgrade() -> None:
    op.drop_index(op.f('ix_subjects_permit_no'), table_name='subjects')
    op.drop_column('subjects', 'updated_at')
    op.drop_column('subjects', 'revision')
    op.drop_column('subjects', 'contract_price')
    op.drop_column('subjects', 'permit_no')
    op.drop_column('subjects', 'stage')
    op.drop_column('subjects', 'risk_class')
    op.drop_column('subjects', 'status')
    op.drop_column('organisations', 'updated_at')
    op.drop_column('organisations', 'revision')
    op.drop_column('organisations', 'address')
    op.drop_column('organisations', 'legal_representative')
    op.drop_column('officers', 'updated_at')
    op.drop_column('officers', 'revision')
    op.drop_column('officers', 'may_lead')
    op.drop_column('officers', 'skills')
    op.drop_column('officers', 'issuer')
    op.drop_column('officers', 'unit')
    op.drop_index(op.f('ix_assignment_steps_assignment_id_id'), table_name='assignment_steps')
    op.drop_table('assignment_steps')
    op.drop_index(op.f('ix_assignment_officers_officer_id'), table_name='assignment_officers')
    op.drop_table('assignment_officers')
    op.drop_index(op.f('ix_draw_officers_officer_id'), table_name='draw_officers')
    op.drop_table('draw_officers')
    op.drop_index(op.f('ix_draw_numbers_draw_id'), table_name='draw_numbers')
    op.drop_table('draw_numbers')
    op.drop_table('draw_files')
    op.drop_table('draw_changes')
    op.drop_index(op.f('ix_assignments_subject_id'), table_name='assignments')
    op.drop_index(op.f('ix_assignments_region_code_state_due_on'), table_name='assignments')
    op.drop_index(op.f('ix_assignments_check_id'), table_name='assignments')
    op.drop_index(op.f('ix_assignments_changed_at_id'), table_name='assignments')
    op.drop_index(op.f('ix_assignments_batch_id'), table_name='assignments')
    op.drop_table('assignments')
    op.drop_index(op.f('ix_draws_region_code_announced_at'), table_name='draws')
    op.drop_index(op.f('ix_draws_batch_id'), table_name='draws')
    op.drop_index(op.f('ix_draws_agency_code'), table_name='draws')
    op.drop_table('draws')
    op.drop_index(op.f('ix_batch_matters_matter_id'), table_name='batch_matters')
    op.drop_table('batch_matters')
    op.drop_index(op.f('ix_batches_region_code'), table_name='batches')
    op.drop_index(op.f('ix_batches_plan_id'), table_name='batches')
    op.drop_index(op.f('ix_batches_campaign'), table_name='batches')
    op.drop_table('batches')
    op.drop_index(op.f('ix_register_changes_register_record_id_id'), table_name='register_changes')
    op.drop_table('register_changes')
    op.drop_index(op.f('ix_officer_leaves_officer_id'), table_name='officer_leaves')
    op.drop_table('officer_leaves')
    op.drop_index(op.f('ix_officer_interests_subject_id'), table_name='officer_interests')
    op.drop_index(op.f('ix_officer_interests_organisation_id'), table_name='officer_interests')
    op.drop_index(op.f('ix_officer_interests_officer_id'), table_name='officer_interests')
    op.drop_table('officer_interests')
    op.drop_index(op.f('ix_notices_region_code_id'), table_name='notices')
    op.drop_table('notices')
    op.drop_table('calendar_years')
    op.drop_index(op.f('ix_annual_plans_region_code_year'), table_name='annual_plans')
    op.drop_table('annual_plans')
    op.drop_index(op.f('ix_matters_region_code'), table_name='matters')
    op.drop_table('matters')
    op.drop_index(op.f('ix_deadlines_region_code_met_at_due_on'), table_name='deadlines')
    op.drop_index(op.f('ix_deadlines_due_on'), table_name='deadlines')
    op.drop_table('deadlines')
    op.drop_table('draw_secrets')
    op.drop_table('calendar_days')
