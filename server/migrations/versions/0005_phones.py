"""phones"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

DOCUMENT = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
INSTANT = sa.DateTime(timezone=True)
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table('odk_forms',
    sa.Column('checklist_version_id', KEY, nullable=False),
    sa.Column('frame', sa.String(length=20), nullable=False),
    sa.Column('form_id', sa.String(length=100), nullable=False),
    sa.Column('version', sa.String(length=100), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('xml', sa.LargeBinary(), nullable=False),
    sa.Column('md5', sa.String(length=32), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('made_at', INSTANT, nullable=False),
    sa.Column('id', KEY, autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['checklist_version_id'], ['checklist_versions.id'], name=op.f('fk_odk_forms_checklist_version_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_odk_forms')),
    sa.UniqueConstraint('form_id', 'version', name=op.f('uq_odk_forms_form_id_version'))
    )
    op.create_index(op.f('ix_odk_forms_checklist_version_id'), 'odk_forms', ['checklist_version_id'], unique=False)
    op.create_table('announcements',
    sa.Column('check_uuid', sa.String(36), nullable=False),
    sa.Column('record_sha256', sa.String(length=64), nullable=False),
    sa.Column('photos', DOCUMENT, nullable=False),
    sa.Column('sealed_at', INSTANT, nullable=False),
    sa.Column('arrived_at', INSTANT, nullable=False),
    sa.Column('user_id', KEY, nullable=False),
    sa.Column('device_id', KEY, nullable=True),
    sa.Column('id', KEY, autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['device_id'], ['devices.id'], name=op.f('fk_announcements_device_id')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_announcements_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_announcements')),
    sa.UniqueConstraint('check_uuid', 'record_sha256', 'user_id', name=op.f('uq_announcements_check_uuid_record_sha256_user_id'))
    )
    op.create_table('check_parts',
    sa.Column('uuid', sa.String(36), nullable=False),
    sa.Column('check_uuid', sa.String(36), nullable=False),
    sa.Column('officer_id', KEY, nullable=False),
    sa.Column('digest_sha256', sa.String(length=64), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('body', DOCUMENT, nullable=False),
    sa.Column('submitted_by', KEY, nullable=False),
    sa.Column('device_id', KEY, nullable=True),
    sa.Column('arrived_at', INSTANT, nullable=False),
    sa.Column('merged_at', INSTANT, nullable=True),
    sa.Column('id', KEY, autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['device_id'], ['devices.id'], name=op.f('fk_check_parts_device_id')),
    sa.ForeignKeyConstraint(['officer_id'], ['officers.id'], name=op.f('fk_check_parts_officer_id')),
    sa.ForeignKeyConstraint(['submitted_by'], ['users.id'], name=op.f('fk_check_parts_submitted_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_check_parts')),
    sa.UniqueConstraint('uuid', name=op.f('uq_check_parts_uuid'))
    )
    op.create_index(op.f('ix_check_parts_check_uuid_id'), 'check_parts', ['check_uuid', 'id'], unique=False)
    op.create_index(op.f('ix_check_parts_state'), 'check_parts', ['state'], unique=False)
    op.create_table('heartbeats',
    sa.Column('device_id', KEY, autoincrement=False, nullable=False),
    sa.Column('user_id', KEY, nullable=False),
    sa.Column('device_at', INSTANT, nullable=False),
    sa.Column('at', INSTANT, nullable=False),
    sa.Column('oldest_at', INSTANT, nullable=True),
    sa.Column('drafts', sa.Integer(), nullable=False),
    sa.Column('sealed', sa.Integer(), nullable=False),
    sa.Column('photos', sa.Integer(), nullable=False),
    sa.Column('bytes', sa.BigInteger(), nullable=False),
    sa.Column('body', DOCUMENT, nullable=False),
    sa.ForeignKeyConstraint(['device_id'], ['devices.id'], name=op.f('fk_heartbeats_device_id')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_heartbeats_user_id')),
    sa.PrimaryKeyConstraint('device_id', name=op.f('pk_heartbeats'))
    )
    op.create_index(op.f('ix_heartbeats_user_id'), 'heartbeats', ['user_id'], unique=False)
    op.create_table('odk_keys',
    sa.Column('uuid', sa.String(36), nullable=False),
    sa.Column('device_id', KEY, nullable=False),
    sa.Column('token_sha256', sa.String(length=64), nullable=False),
    sa.Column('username', sa.String(length=64), nullable=False),
    sa.Column('ha1_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('made_at', INSTANT, nullable=False),
    sa.Column('made_by', KEY, nullable=True),
    sa.Column('id', KEY, autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['device_id'], ['devices.id'], name=op.f('fk_odk_keys_device_id')),
    sa.ForeignKeyConstraint(['made_by'], ['users.id'], name=op.f('fk_odk_keys_made_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_odk_keys')),
    sa.UniqueConstraint('device_id', name=op.f('uq_odk_keys_device_id')),
    sa.UniqueConstraint('token_sha256', name=op.f('uq_odk_keys_token_sha256')),
    sa.UniqueConstraint('username', name=op.f('uq_odk_keys_username')),
    sa.UniqueConstraint('uuid', name=op.f('uq_odk_keys_uuid'))
    )
    op.create_table('submissions',
    sa.Column('uuid', sa.String(36), nullable=False),
    sa.Column('instance_id', sa.String(length=255), nullable=False),
    sa.Column('deprecates', sa.String(length=255), nullable=True),
    sa.Column('form_id', KEY, nullable=False),
    sa.Column('xml', sa.LargeBinary(), nullable=False),
    sa.Column('xml_sha256', sa.String(length=64), nullable=False),
    sa.Column('expected', DOCUMENT, nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('problem', DOCUMENT, nullable=True),
    sa.Column('check_uuid', sa.String(36), nullable=True),
    sa.Column('user_id', KEY, nullable=False),
    sa.Column('device_id', KEY, nullable=True),
    sa.Column('region_code', sa.String(length=12), nullable=False),
    sa.Column('client', sa.Text(), nullable=False),
    sa.Column('received_at', INSTANT, nullable=False),
    sa.Column('processed_at', INSTANT, nullable=True),
    sa.Column('id', KEY, autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['device_id'], ['devices.id'], name=op.f('fk_submissions_device_id')),
    sa.ForeignKeyConstraint(['form_id'], ['odk_forms.id'], name=op.f('fk_submissions_form_id')),
    sa.ForeignKeyConstraint(['region_code'], ['regions.code'], name=op.f('fk_submissions_region_code')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_submissions_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_submissions')),
    sa.UniqueConstraint('deprecates', name=op.f('uq_submissions_deprecates')),
    sa.UniqueConstraint('instance_id', name=op.f('uq_submissions_instance_id')),
    sa.UniqueConstraint('uuid', name=op.f('uq_submissions_uuid'))
    )
    op.create_index(op.f('ix_submissions_check_uuid'), 'submissions', ['check_uuid'], unique=False)
    op.create_index(op.f('ix_submissions_form_id'), 'submissions', ['form_id'], unique=False)
    op.create_index(op.f('ix_submissions_region_code'), 'submissions', ['region_code'], unique=False)
    op.create_index(op.f('ix_submissions_state_id'), 'submissions', ['state', 'id'], unique=False)
    op.create_index(op.f('ix_submissions_user_id'), 'submissions', ['user_id'], unique=False)
    op.create_table('uploads',
    sa.Column('uuid', sa.String(36), nullable=False),
    sa.Column('key_sha256', sa.String(length=64), nullable=False),
    sa.Column('user_id', KEY, nullable=False),
    sa.Column('device_id', KEY, nullable=True),
    sa.Column('photo_uuid', sa.String(36), nullable=False),
    sa.Column('check_uuid', sa.String(36), nullable=True),
    sa.Column('announced_sha256', sa.String(length=64), nullable=True),
    sa.Column('notes', sa.Text(), nullable=False),
    sa.Column('length', sa.BigInteger(), nullable=True),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('created_at', INSTANT, nullable=False),
    sa.Column('expires_at', INSTANT, nullable=False),
    sa.Column('completed_at', INSTANT, nullable=True),
    sa.Column('evidence_uuid', sa.String(36), nullable=True),
    sa.Column('id', KEY, autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['device_id'], ['devices.id'], name=op.f('fk_uploads_device_id')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_uploads_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_uploads')),
    sa.UniqueConstraint('key_sha256', name=op.f('uq_uploads_key_sha256')),
    sa.UniqueConstraint('uuid', name=op.f('uq_uploads_uuid'))
    )
    op.create_index(op.f('ix_uploads_completed_at_expires_at'), 'uploads', ['completed_at', 'expires_at'], unique=False)
    op.create_index(op.f('ix_uploads_photo_uuid'), 'uploads', ['photo_uuid'], unique=False)
    op.create_index(op.f('ix_uploads_user_id'), 'uploads', ['user_id'], unique=False)
    op.create_table('check_questions',
    sa.Column('uuid', sa.String(36), nullable=False),
    sa.Column('check_id', KEY, nullable=False),
    sa.Column('item_code', sa.String(length=24), nullable=False),
    sa.Column('statements', DOCUMENT, nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('asked_at', INSTANT, nullable=False),
    sa.Column('settled_at', INSTANT, nullable=True),
    sa.Column('settlement', DOCUMENT, nullable=True),
    sa.Column('decided_by', KEY, nullable=True),
    sa.Column('id', KEY, autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['check_id'], ['checks.id'], name=op.f('fk_check_questions_check_id')),
    sa.ForeignKeyConstraint(['decided_by'], ['users.id'], name=op.f('fk_check_questions_decided_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_check_questions')),
    sa.UniqueConstraint('check_id', 'item_code', name=op.f('uq_check_questions_check_id_item_code')),
    sa.UniqueConstraint('uuid', name=op.f('uq_check_questions_uuid'))
    )
    op.create_index(op.f('ix_check_questions_state'), 'check_questions', ['state'], unique=False)
    op.create_table('submission_files',
    sa.Column('submission_id', KEY, nullable=False),
    sa.Column('name', sa.String(length=255), nullable=False),
    sa.Column('raw_name', sa.String(length=255), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('media_type', sa.String(length=80), nullable=False),
    sa.Column('received_at', INSTANT, nullable=False),
    sa.Column('evidence_uuid', sa.String(36), nullable=True),
    sa.Column('id', KEY, autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['submission_id'], ['submissions.id'], name=op.f('fk_submission_files_submission_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_submission_files')),
    sa.UniqueConstraint('submission_id', 'name', 'sha256', name=op.f('uq_submission_files_submission_id_name_sha256'))
    )
    op.create_table('question_replies',
    sa.Column('uuid', sa.String(36), nullable=False),
    sa.Column('question_id', KEY, nullable=False),
    sa.Column('officer_id', KEY, nullable=False),
    sa.Column('digest_sha256', sa.String(length=64), nullable=False),
    sa.Column('body', DOCUMENT, nullable=False),
    sa.Column('at', INSTANT, nullable=False),
    sa.Column('id', KEY, autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['officer_id'], ['officers.id'], name=op.f('fk_question_replies_officer_id')),
    sa.ForeignKeyConstraint(['question_id'], ['check_questions.id'], name=op.f('fk_question_replies_question_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_question_replies')),
    sa.UniqueConstraint('uuid', name=op.f('uq_question_replies_uuid'))
    )
    op.create_index(op.f('ix_question_replies_question_id'), 'question_replies', ['question_id'], unique=False)


def downgrade() -> None:
    op.drop_index(op.f('ix_question_replies_question_id'), table_name='question_replies')
    op.drop_table('question_replies')
    op.drop_table('submission_files')
    op.drop_index(op.f('ix_check_questions_state'), table_name='check_questions')
    op.drop_table('check_questions')
    op.drop_index(op.f('ix_uploads_user_id'), table_name='uploads')
    op.drop_index(op.f('ix_uploads_photo_uuid'), table_name='uploads')
    op.drop_index(op.f('ix_uploads_completed_at_expires_at'), table_name='uploads')
    op.drop_table('uploads')
    op.drop_index(op.f('ix_submissions_user_id'), table_name='submissions')
    op.drop_index(op.f('ix_submissions_state_id'), table_name='submissions')
    op.drop_index(op.f('ix_submissions_region_code'), table_name='submissions')
    op.drop_index(op.f('ix_submissions_form_id'), table_name='submissions')
    op.drop_index(op.f('ix_submissions_check_uuid'), table_name='submissions')
    op.drop_table('submissions')
    op.drop_table('odk_keys')
    op.drop_index(op.f('ix_heartbeats_user_id'), table_name='heartbeats')
    op.drop_table('heartbeats')
    op.drop_index(op.f('ix_check_parts_check_uuid_id'), table_name='check_parts')
    op.drop_table('check_parts')
    op.drop_table('announcements')
    op.drop_index(op.f('ix_odk_forms_checklist_version_id'), table_name='odk_forms')
    op.drop_table('odk_forms')
