"""start"""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None

DOCUMENT = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
INSTANT = sa.DateTime(timezone=True)
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table('checklist_versions',
    sa.Column('code', sa.String(length=20), nullable=False),
    sa.Column('version', sa.String(length=20), nullable=False),
    sa.Column('title', sa.String(length=120), nullable=False),
    sa.Column('digest_sha256', sa.String(length=64), nullable=False),
    sa.Column('content', DOCUMENT, nullable=False),
    sa.Column('published_at', INSTANT, nullable=False),
    sa.Column('retired_at', INSTANT, nullable=True),
    sa.Column('id', KEY, autoincrement=True, nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_checklist_versions')),
    sa.UniqueConstraint('code', 'version', name=op.f('uq_checklist_versions_code_version')),
    sa.UniqueConstraint('digest_sha256', name=op.f('uq_checklist_versions_digest_sha256'))
    )
    op.create_table('login_attempts',
    sa.Column('key_sha256', sa.String(length=64), nullable=False),
    sa.Column('at', INSTANT, nullable=False),
    sa.Column('id', KEY, autoincrement=True, nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_login_attempts'))
    )
    op.create_index(op.f('ix_login_attempts_key_sha256_at'), 'login_attempts', ['key_sha256', 'at'], unique=False)
    op.create_table('outbox',
    sa.Column('event', sa.String(length=40), nullable=False),
    sa.Column('payload', DOCUMENT, nullable=False),
    sa.Column('created_at', INSTANT, nullable=False),
    sa.Column('due_at', INSTANT, nullable=False),
    sa.Column('leased_until', INSTANT, nullable=True),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('done_at', INSTANT, nullable=True),
    sa.Column('result', sa.String(length=20), nullable=True),
    sa.Column('last_error', sa.Text(), nullable=True),
    sa.Column('id', KEY, autoincrement=True, nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outbox'))
    )
    op.create_index('ix_outbox_open', 'outbox', ['due_at'], unique=False, sqlite_where=sa.text('done_at IS NULL'), postgresql_where=sa.text('done_at IS NULL'))
    op.create_table('public_photos',
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('evidence_id', KEY, nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('made_at', INSTANT, nullable=False),
    sa.PrimaryKeyConstraint('sha256', name=op.f('pk_public_photos'))
    )
    op.create_index(op.f('ix_public_photos_evidence_id'), 'public_photos', ['evidence_id'], unique=False)
    op.create_table('regions',
    sa.Column('code', sa.String(length=12), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('level', sa.String(length=20), nullable=False),
    sa.Column('parent_code', sa.String(length=12), nullable=True),
    sa.ForeignKeyConstraint(['parent_code'], ['regions.code'], name=op.f('fk_regions_parent_code')),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_regions'))
    )
    op.create_table('organisations',
    sa.Column('uuid', sa.String(36), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('credit_code', sa.String(length=18), nullable=True),
    sa.Column('region_code', sa.String(length=12), nullable=False),
    sa.Column('created_at', INSTANT, nullable=False),
    sa.Column('retired_at', INSTANT, nullable=True),
    sa.Column('id', KEY, autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['region_code'], ['regions.code'], name=op.f('fk_organisations_region_code')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_organisations')),
    sa.UniqueConstraint('credit_code', name=op.f('uq_organisations_credit_code')),
    sa.UniqueConstraint('uuid', name=op.f('uq_organisations_uuid'))
    )
    op.create_index(op.f('ix_organisations_name'), 'organisations', ['name'], unique=False)
    op.create_index(op.f('ix_organisations_region_code'), 'organisations', ['region_code'], unique=False)
    op.create_table('publications',
    sa.Column('uuid', sa.String(36), nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('slug', sa.String(length=80), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('region_code', sa.String(length=12), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('body', DOCUMENT, nullable=False),
    sa.Column('body_sha256', sa.String(length=64), nullable=False),
    sa.Column('source_uuid', sa.String(36), nullable=False),
    sa.Column('published_at', INSTANT, nullable=False),
    sa.Column('expires_on', sa.Date(), nullable=True),
    sa.Column('withdrawn_at', INSTANT, nullable=True),
    sa.Column('withdrawn_reason', sa.Text(), nullable=True),
    sa.Column('id', KEY, autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['region_code'], ['regions.code'], name=op.f('fk_publications_region_code')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_publications')),
    sa.UniqueConstraint('slug', 'revision', name=op.f('uq_publications_slug_revision')),
    sa.UniqueConstraint('uuid', name=op.f('uq_publications_uuid'))
    )
    op.create_index(op.f('ix_publications_kind_published_at'), 'publications', ['kind', 'published_at'], unique=False)
    op.create_index(op.f('ix_publications_region_code'), 'publications', ['region_code'], unique=False)
    op.create_index(op.f('ix_publications_slug'), 'publications', ['slug'], unique=False)
    op.create_index(op.f('ix_publications_source_uuid'), 'publications', ['source_uuid'], unique=False)
    op.create_table('region_ancestors',
    sa.Column('ancestor_code', sa.String(length=12), nullable=False),
    sa.Column('region_code', sa.String(length=12), nullable=False),
    sa.ForeignKeyConstraint(['ancestor_code'], ['regions.code'], name=op.f('fk_region_ancestors_ancestor_code')),
    sa.ForeignKeyConstraint(['region_code'], ['regions.code'], name=op.f('fk_region_ancestors_region_code')),
    sa.PrimaryKeyConstraint('ancestor_code', 'region_code', name=op.f('pk_region_ancestors'))
    )
    op.create_index(op.f('ix_region_ancestors_region_code_ancestor_code'), 'region_ancestors', ['region_code', 'ancestor_code'], unique=False)
    op.create_table('officers',
    sa.Column('uuid', sa.String(36), nullable=False),
    sa.Column('name', sa.String(length=64), nullable=False),
    sa.Column('certificate_no', sa.String(length=40), nullable=False),
    sa.Column('certificate_expires_on', sa.Date(), nullable=False),
    sa.Column('organisation_id', KEY, nullable=False),
    sa.Column('region_code', sa.String(length=12), nullable=False),
    sa.Column('created_at', INSTANT, nullable=False),
    sa.Column('retired_at', INSTANT, nullable=True),
    sa.Column('id', KEY, autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisations.id'], name=op.f('fk_officers_organisation_id')),
    sa.ForeignKeyConstraint(['region_code'], ['regions.code'], name=op.f('fk_officers_region_code')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_officers')),
    sa.UniqueConstraint('certificate_no', name=op.f('uq_officers_certificate_no')),
    sa.UniqueConstraint('uuid', name=op.f('uq_officers_uuid'))
    )
    op.create_index(op.f('ix_officers_region_code'), 'officers', ['region_code'], unique=False)
    op.create_table('public_records',
    sa.Column('publication_id', KEY, nullable=False),
    sa.Column('check_ref', sa.String(length=40), nullable=False),
    sa.Column('region_code', sa.String(length=12), nullable=False),
    sa.Column('frame', sa.String(length=20), nullable=False),
    sa.Column('subject_name', sa.String(length=200), nullable=False),
    sa.Column('checked_on', sa.Date(), nullable=False),
    sa.Column('checklist_code', sa.String(length=20), nullable=False),
    sa.Column('section_code', sa.String(length=24), nullable=False),
    sa.Column('item_code', sa.String(length=24), nullable=False),
    sa.Column('chain_link', sa.String(length=20), nullable=False),
    sa.Column('liable', sa.String(length=120), nullable=False),
    sa.Column('outcome', sa.String(length=16), nullable=False),
    sa.Column('id', KEY, autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['publication_id'], ['publications.id'], name=op.f('fk_public_records_publication_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_public_records'))
    )
    op.create_index(op.f('ix_public_records_publication_id_section_code_outcome'), 'public_records', ['publication_id', 'section_code', 'outcome'], unique=False)
    op.create_index(op.f('ix_public_records_publication_id_id'), 'public_records', ['publication_id', 'id'], unique=False)
    op.create_table('subjects',
    sa.Column('uuid', sa.String(36), nullable=False),
    sa.Column('code', sa.String(length=64), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('frame', sa.String(length=20), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('region_code', sa.String(length=12), nullable=False),
    sa.Column('address', sa.String(length=300), nullable=False),
    sa.Column('organisation_id', KEY, nullable=True),
    sa.Column('details', DOCUMENT, nullable=False),
    sa.Column('created_at', INSTANT, nullable=False),
    sa.Column('retired_at', INSTANT, nullable=True),
    sa.Column('id', KEY, autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisations.id'], name=op.f('fk_subjects_organisation_id')),
    sa.ForeignKeyConstraint(['region_code'], ['regions.code'], name=op.f('fk_subjects_region_code')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_subjects')),
    sa.UniqueConstraint('code', name=op.f('uq_subjects_code')),
    sa.UniqueConstraint('uuid', name=op.f('uq_subjects_uuid'))
    )
    op.create_index(op.f('ix_subjects_region_code_frame'), 'subjects', ['region_code', 'frame'], unique=False)
    op.create_table('subject_parties',
    sa.Column('subject_id', KEY, nullable=False),
    sa.Column('party', sa.String(length=32), nullable=False),
    sa.Column('organisation_id', KEY, nullable=False),
    sa.Column('from_on', sa.Date(), nullable=True),
    sa.Column('to_on', sa.Date(), nullable=True),
    sa.Column('id', KEY, autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisations.id'], name=op.f('fk_subject_parties_organisation_id')),
    sa.ForeignKeyConstraint(['subject_id'], ['subjects.id'], name=op.f('fk_subject_parties_subject_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_subject_parties'))
    )
    op.create_index(op.f('ix_subject_parties_subject_id'), 'subject_parties', ['subject_id'], unique=False)
    op.create_geospatial_table('subject_places',
    sa.Column('subject_id', KEY, nullable=False),
    sa.Column('datum', sa.String(length=10), nullable=False),
    sa.Column('given', DOCUMENT, nullable=False),
    sa.Column('centre', Geometry(geometry_type='POINT', srid=4326, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry', nullable=False), nullable=False),
    sa.Column('boundary', Geometry(geometry_type='POLYGON', srid=4326, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry'), nullable=True),
    sa.ForeignKeyConstraint(['subject_id'], ['subjects.id'], name=op.f('fk_subject_places_subject_id')),
    sa.PrimaryKeyConstraint('subject_id', name=op.f('pk_subject_places'))
    )
    op.create_geospatial_index('idx_subject_places_boundary', 'subject_places', ['boundary'], unique=False, postgresql_using='gist', postgresql_ops={})
    op.create_geospatial_index('idx_subject_places_centre', 'subject_places', ['centre'], unique=False, postgresql_using='gist', postgresql_ops={})
    op.create_table('users',
    sa.Column('uuid', sa.String(36), nullable=False),
    sa.Column('login', sa.String(length=64), nullable=False),
    sa.Column('name', sa.String(length=64), nullable=False),
    sa.Column('password_hash', sa.String(length=200), nullable=False),
    sa.Column('officer_id', KEY, nullable=True),
    sa.Column('created_at', INSTANT, nullable=False),
    sa.Column('disabled_at', INSTANT, nullable=True),
    sa.Column('id', KEY, autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['officer_id'], ['officers.id'], name=op.f('fk_users_officer_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_users')),
    sa.UniqueConstraint('login', name=op.f('uq_users_login')),
    sa.UniqueConstraint('uuid', name=op.f('uq_users_uuid'))
    )
    op.create_table('bulletins',
    sa.Column('uuid', sa.String(36), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('region_code', sa.String(length=12), nullable=False),
    sa.Column('period_from_on', sa.Date(), nullable=False),
    sa.Column('period_to_on', sa.Date(), nullable=False),
    sa.Column('checklists', DOCUMENT, nullable=False),
    sa.Column('options', DOCUMENT, nullable=False),
    sa.Column('content', DOCUMENT, nullable=True),
    sa.Column('content_sha256', sa.String(length=64), nullable=True),
    sa.Column('number', sa.String(length=60), nullable=True),
    sa.Column('passage', DOCUMENT, nullable=False),
    sa.Column('drafted_by', KEY, nullable=False),
    sa.Column('requested_at', INSTANT, nullable=False),
    sa.Column('drafted_at', INSTANT, nullable=True),
    sa.Column('failure', sa.Text(), nullable=True),
    sa.Column('id', KEY, autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['drafted_by'], ['users.id'], name=op.f('fk_bulletins_drafted_by')),
    sa.ForeignKeyConstraint(['region_code'], ['regions.code'], name=op.f('fk_bulletins_region_code')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_bulletins')),
    sa.UniqueConstraint('number', name=op.f('uq_bulletins_number')),
    sa.UniqueConstraint('uuid', name=op.f('uq_bulletins_uuid'))
    )
    op.create_index(op.f('ix_bulletins_region_code'), 'bulletins', ['region_code'], unique=False)
    op.create_table('console_sessions',
    sa.Column('user_id', KEY, nullable=False),
    sa.Column('token_sha256', sa.String(length=64), nullable=False),
    sa.Column('csrf_sha256', sa.String(length=64), nullable=False),
    sa.Column('created_at', INSTANT, nullable=False),
    sa.Column('expires_at', INSTANT, nullable=False),
    sa.Column('ended_at', INSTANT, nullable=True),
    sa.Column('id', KEY, autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_console_sessions_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_console_sessions')),
    sa.UniqueConstraint('token_sha256', name=op.f('uq_console_sessions_token_sha256'))
    )
    op.create_index(op.f('ix_console_sessions_user_id'), 'console_sessions', ['user_id'], unique=False)
    op.create_table('devices',
    sa.Column('uuid', sa.String(36), nullable=False),
    sa.Column('user_id', KEY, nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('token_sha256', sa.String(length=64), nullable=False),
    sa.Column('created_at', INSTANT, nullable=False),
    sa.Column('expires_at', INSTANT, nullable=False),
    sa.Column('revoked_at', INSTANT, nullable=True),
    sa.Column('id', KEY, autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_devices_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_devices')),
    sa.UniqueConstraint('token_sha256', name=op.f('uq_devices_token_sha256')),
    sa.UniqueConstraint('uuid', name=op.f('uq_devices_uuid'))
    )
    op.create_index(op.f('ix_devices_user_id'), 'devices', ['user_id'], unique=False)
    op.create_table('user_grants',
    sa.Column('user_id', KEY, nullable=False),
    sa.Column('role', sa.String(length=20), nullable=False),
    sa.Column('region_code', sa.String(length=12), nullable=False),
    sa.Column('granted_at', INSTANT, nullable=False),
    sa.Column('id', KEY, autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['region_code'], ['regions.code'], name=op.f('fk_user_grants_region_code')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_user_grants_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_user_grants')),
    sa.UniqueConstraint('user_id', 'role', 'region_code', name=op.f('uq_user_grants_user_id_role_region_code'))
    )
    op.create_index(op.f('ix_user_grants_user_id'), 'user_grants', ['user_id'], unique=False)
    op.create_table('bulletin_steps',
    sa.Column('bulletin_id', KEY, nullable=False),
    sa.Column('act', sa.String(length=20), nullable=False),
    sa.Column('by', KEY, nullable=False),
    sa.Column('at', INSTANT, nullable=False),
    sa.Column('note', sa.Text(), nullable=True),
    sa.Column('content_sha256', sa.String(length=64), nullable=False),
    sa.Column('id', KEY, autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['bulletin_id'], ['bulletins.id'], name=op.f('fk_bulletin_steps_bulletin_id')),
    sa.ForeignKeyConstraint(['by'], ['users.id'], name=op.f('fk_bulletin_steps_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_bulletin_steps'))
    )
    op.create_index(op.f('ix_bulletin_steps_bulletin_id'), 'bulletin_steps', ['bulletin_id'], unique=False)
    op.create_table('checks',
    sa.Column('uuid', sa.String(36), nullable=False),
    sa.Column('digest_sha256', sa.String(length=64), nullable=False),
    sa.Column('subject_id', KEY, nullable=False),
    sa.Column('checklist_version_id', KEY, nullable=False),
    sa.Column('frame', sa.String(length=20), nullable=False),
    sa.Column('region_code', sa.String(length=12), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('source', sa.String(length=20), nullable=False),
    sa.Column('attitude', sa.String(length=16), nullable=False),
    sa.Column('started_at', INSTANT, nullable=False),
    sa.Column('ended_at', INSTANT, nullable=False),
    sa.Column('ended_on', sa.Date(), nullable=False),
    sa.Column('device_at', INSTANT, nullable=False),
    sa.Column('clock_offset_s', sa.Integer(), nullable=False),
    sa.Column('record', DOCUMENT, nullable=False),
    sa.Column('submitted_by', KEY, nullable=False),
    sa.Column('device_id', KEY, nullable=True),
    sa.Column('received_at', INSTANT, nullable=False),
    sa.Column('judged_at', INSTANT, nullable=True),
    sa.Column('id', KEY, autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['checklist_version_id'], ['checklist_versions.id'], name=op.f('fk_checks_checklist_version_id')),
    sa.ForeignKeyConstraint(['device_id'], ['devices.id'], name=op.f('fk_checks_device_id')),
    sa.ForeignKeyConstraint(['region_code'], ['regions.code'], name=op.f('fk_checks_region_code')),
    sa.ForeignKeyConstraint(['subject_id'], ['subjects.id'], name=op.f('fk_checks_subject_id')),
    sa.ForeignKeyConstraint(['submitted_by'], ['users.id'], name=op.f('fk_checks_submitted_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_checks')),
    sa.UniqueConstraint('uuid', name=op.f('uq_checks_uuid'))
    )
    op.create_index(op.f('ix_checks_checklist_version_id'), 'checks', ['checklist_version_id'], unique=False)
    op.create_index(op.f('ix_checks_ended_on'), 'checks', ['ended_on'], unique=False)
    op.create_index(op.f('ix_checks_region_code_ended_at'), 'checks', ['region_code', 'ended_at'], unique=False)
    op.create_index(op.f('ix_checks_subject_id_ended_at'), 'checks', ['subject_id', 'ended_at'], unique=False)
    op.create_table('evidence',
    sa.Column('uuid', sa.String(36), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('file_name', sa.String(length=255), nullable=False),
    sa.Column('media_type', sa.String(length=80), nullable=False),
    sa.Column('announced', DOCUMENT, nullable=False),
    sa.Column('check_uuid', sa.String(36), nullable=True),
    sa.Column('item_code', sa.String(length=24), nullable=True),
    sa.Column('region_code', sa.String(length=12), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('uploaded_by', KEY, nullable=False),
    sa.Column('device_id', KEY, nullable=True),
    sa.Column('received_at', INSTANT, nullable=False),
    sa.Column('examined_at', INSTANT, nullable=True),
    sa.Column('judged_at', INSTANT, nullable=True),
    sa.Column('reason', sa.String(length=40), nullable=True),
    sa.Column('facts', DOCUMENT, nullable=True),
    sa.Column('captured_at', INSTANT, nullable=True),
    sa.Column('flags', DOCUMENT, nullable=True),
    sa.Column('agreement', DOCUMENT, nullable=True),
    sa.Column('id', KEY, autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['device_id'], ['devices.id'], name=op.f('fk_evidence_device_id')),
    sa.ForeignKeyConstraint(['region_code'], ['regions.code'], name=op.f('fk_evidence_region_code')),
    sa.ForeignKeyConstraint(['uploaded_by'], ['users.id'], name=op.f('fk_evidence_uploaded_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_evidence')),
    sa.UniqueConstraint('uuid', name=op.f('uq_evidence_uuid'))
    )
    op.create_index(op.f('ix_evidence_check_uuid'), 'evidence', ['check_uuid'], unique=False)
    op.create_index(op.f('ix_evidence_region_code'), 'evidence', ['region_code'], unique=False)
    op.create_index(op.f('ix_evidence_sha256'), 'evidence', ['sha256'], unique=False)
    op.create_index(op.f('ix_evidence_state_id'), 'evidence', ['state', 'id'], unique=False)
    op.create_table('answers',
    sa.Column('check_id', KEY, nullable=False),
    sa.Column('item_code', sa.String(length=24), nullable=False),
    sa.Column('section_code', sa.String(length=24), nullable=False),
    sa.Column('chain_link', sa.String(length=20), nullable=False),
    sa.Column('liable', sa.String(length=120), nullable=False),
    sa.Column('outcome', sa.String(length=16), nullable=False),
    sa.Column('severity', sa.String(length=10), nullable=False),
    sa.Column('stated', sa.String(length=16), nullable=True),
    sa.Column('value', sa.Numeric(precision=24, scale=8), nullable=True),
    sa.Column('finding', DOCUMENT, nullable=False),
    sa.Column('id', KEY, autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['check_id'], ['checks.id'], name=op.f('fk_answers_check_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_answers')),
    sa.UniqueConstraint('check_id', 'item_code', name=op.f('uq_answers_check_id_item_code'))
    )
    op.create_index(op.f('ix_answers_item_code_outcome'), 'answers', ['item_code', 'outcome'], unique=False)
    op.create_table('bulletin_checks',
    sa.Column('bulletin_id', KEY, nullable=False),
    sa.Column('check_id', KEY, nullable=False),
    sa.ForeignKeyConstraint(['bulletin_id'], ['bulletins.id'], name=op.f('fk_bulletin_checks_bulletin_id')),
    sa.ForeignKeyConstraint(['check_id'], ['checks.id'], name=op.f('fk_bulletin_checks_check_id')),
    sa.PrimaryKeyConstraint('bulletin_id', 'check_id', name=op.f('pk_bulletin_checks'))
    )
    op.create_index(op.f('ix_bulletin_checks_check_id'), 'bulletin_checks', ['check_id'], unique=False)
    op.create_table('cases',
    sa.Column('uuid', sa.String(36), nullable=False),
    sa.Column('check_id', KEY, nullable=False),
    sa.Column('subject_id', KEY, nullable=False),
    sa.Column('region_code', sa.String(length=12), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('filed_on', sa.Date(), nullable=True),
    sa.Column('filing_no', sa.String(length=60), nullable=False),
    sa.Column('decision', DOCUMENT, nullable=True),
    sa.Column('notices', DOCUMENT, nullable=False),
    sa.Column('change_note', sa.Text(), nullable=False),
    sa.Column('opened_at', INSTANT, nullable=False),
    sa.Column('opened_by', KEY, nullable=False),
    sa.Column('changed_at', INSTANT, nullable=False),
    sa.Column('id', KEY, autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['check_id'], ['checks.id'], name=op.f('fk_cases_check_id')),
    sa.ForeignKeyConstraint(['opened_by'], ['users.id'], name=op.f('fk_cases_opened_by')),
    sa.ForeignKeyConstraint(['region_code'], ['regions.code'], name=op.f('fk_cases_region_code')),
    sa.ForeignKeyConstraint(['subject_id'], ['subjects.id'], name=op.f('fk_cases_subject_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_cases')),
    sa.UniqueConstraint('check_id', name=op.f('uq_cases_check_id')),
    sa.UniqueConstraint('uuid', name=op.f('uq_cases_uuid'))
    )
    op.create_index(op.f('ix_cases_region_code'), 'cases', ['region_code'], unique=False)
    op.create_index(op.f('ix_cases_subject_id'), 'cases', ['subject_id'], unique=False)
    op.create_table('check_notes',
    sa.Column('check_id', KEY, nullable=False),
    sa.Column('kind', sa.String(length=24), nullable=False),
    sa.Column('body', DOCUMENT, nullable=False),
    sa.Column('at', INSTANT, nullable=False),
    sa.Column('by', KEY, nullable=True),
    sa.Column('shown', sa.Boolean(), nullable=False),
    sa.Column('id', KEY, autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['by'], ['users.id'], name=op.f('fk_check_notes_by')),
    sa.ForeignKeyConstraint(['check_id'], ['checks.id'], name=op.f('fk_check_notes_check_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_check_notes'))
    )
    op.create_index(op.f('ix_check_notes_check_id'), 'check_notes', ['check_id'], unique=False)
    op.create_table('check_officers',
    sa.Column('check_id', KEY, nullable=False),
    sa.Column('seat', sa.Integer(), nullable=False),
    sa.Column('officer_id', KEY, nullable=False),
    sa.ForeignKeyConstraint(['check_id'], ['checks.id'], name=op.f('fk_check_officers_check_id')),
    sa.ForeignKeyConstraint(['officer_id'], ['officers.id'], name=op.f('fk_check_officers_officer_id')),
    sa.PrimaryKeyConstraint('check_id', 'seat', name=op.f('pk_check_officers'))
    )
    op.create_index(op.f('ix_check_officers_officer_id'), 'check_officers', ['officer_id'], unique=False)
    op.create_geospatial_table('check_places',
    sa.Column('check_id', KEY, nullable=False),
    sa.Column('point', Geometry(geometry_type='POINT', srid=4326, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry', nullable=False), nullable=False),
    sa.Column('accuracy_m', sa.Numeric(precision=10, scale=1), nullable=True),
    sa.ForeignKeyConstraint(['check_id'], ['checks.id'], name=op.f('fk_check_places_check_id')),
    sa.PrimaryKeyConstraint('check_id', name=op.f('pk_check_places'))
    )
    op.create_geospatial_index('idx_check_places_point', 'check_places', ['point'], unique=False, postgresql_using='gist', postgresql_ops={})
    op.create_table('custody_entries',
    sa.Column('evidence_id', KEY, nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('act', sa.String(length=24), nullable=False),
    sa.Column('actor', sa.String(length=80), nullable=False),
    sa.Column('at', INSTANT, nullable=False),
    sa.Column('facts', DOCUMENT, nullable=False),
    sa.Column('prev_sha256', sa.String(length=64), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('id', KEY, autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['evidence_id'], ['evidence.id'], name=op.f('fk_custody_entries_evidence_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_custody_entries')),
    sa.UniqueConstraint('evidence_id', 'seq', name=op.f('uq_custody_entries_evidence_id_seq'))
    )
    op.create_geospatial_table('evidence_places',
    sa.Column('evidence_id', KEY, nullable=False),
    sa.Column('longitude', sa.Float(), nullable=False),
    sa.Column('latitude', sa.Float(), nullable=False),
    sa.Column('point', Geometry(geometry_type='POINT', srid=4326, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry', nullable=False), nullable=False),
    sa.ForeignKeyConstraint(['evidence_id'], ['evidence.id'], name=op.f('fk_evidence_places_evidence_id')),
    sa.PrimaryKeyConstraint('evidence_id', name=op.f('pk_evidence_places'))
    )
    op.create_geospatial_index('idx_evidence_places_point', 'evidence_places', ['point'], unique=False, postgresql_using='gist', postgresql_ops={})
    op.create_table('evidence_slots',
    sa.Column('check_id', KEY, nullable=False),
    sa.Column('photo_uuid', sa.String(36), nullable=False),
    sa.Column('item_code', sa.String(length=24), nullable=True),
    sa.Column('announced_sha256', sa.String(length=64), nullable=True),
    sa.Column('evidence_id', KEY, nullable=True),
    sa.Column('verified_at', INSTANT, nullable=True),
    sa.Column('complaint', sa.Text(), nullable=True),
    sa.Column('id', KEY, autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['check_id'], ['checks.id'], name=op.f('fk_evidence_slots_check_id')),
    sa.ForeignKeyConstraint(['evidence_id'], ['evidence.id'], name=op.f('fk_evidence_slots_evidence_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_evidence_slots')),
    sa.UniqueConstraint('check_id', 'photo_uuid', name=op.f('uq_evidence_slots_check_id_photo_uuid'))
    )
    op.create_index(op.f('ix_evidence_slots_evidence_id'), 'evidence_slots', ['evidence_id'], unique=False)
    op.create_index(op.f('ix_evidence_slots_photo_uuid'), 'evidence_slots', ['photo_uuid'], unique=False)
    op.create_table('likenesses',
    sa.Column('later_id', KEY, nullable=False),
    sa.Column('earlier_id', KEY, nullable=False),
    sa.Column('distance', sa.Integer(), nullable=False),
    sa.Column('exact', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['earlier_id'], ['evidence.id'], name=op.f('fk_likenesses_earlier_id')),
    sa.ForeignKeyConstraint(['later_id'], ['evidence.id'], name=op.f('fk_likenesses_later_id')),
    sa.PrimaryKeyConstraint('later_id', 'earlier_id', name=op.f('pk_likenesses'))
    )
    op.create_index(op.f('ix_likenesses_earlier_id'), 'likenesses', ['earlier_id'], unique=False)
    op.create_table('photo_hashes',
    sa.Column('evidence_id', KEY, nullable=False),
    sa.Column('bits', sa.LargeBinary(length=32), nullable=False),
    sa.Column('id', KEY, autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['evidence_id'], ['evidence.id'], name=op.f('fk_photo_hashes_evidence_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_photo_hashes')),
    sa.UniqueConstraint('evidence_id', name=op.f('uq_photo_hashes_evidence_id'))
    )
    op.create_table('violations',
    sa.Column('uuid', sa.String(36), nullable=False),
    sa.Column('check_id', KEY, nullable=False),
    sa.Column('subject_id', KEY, nullable=False),
    sa.Column('region_code', sa.String(length=12), nullable=False),
    sa.Column('item_code', sa.String(length=24), nullable=False),
    sa.Column('section_code', sa.String(length=24), nullable=False),
    sa.Column('found_severity', sa.String(length=10), nullable=False),
    sa.Column('severity', sa.String(length=10), nullable=False),
    sa.Column('liable', DOCUMENT, nullable=False),
    sa.Column('clause', DOCUMENT, nullable=False),
    sa.Column('finding', DOCUMENT, nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('found_at', INSTANT, nullable=False),
    sa.Column('decided_at', INSTANT, nullable=True),
    sa.Column('decided_by', KEY, nullable=True),
    sa.Column('case_id', KEY, nullable=True),
    sa.Column('id', KEY, autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_violations_case_id')),
    sa.ForeignKeyConstraint(['check_id'], ['checks.id'], name=op.f('fk_violations_check_id')),
    sa.ForeignKeyConstraint(['decided_by'], ['users.id'], name=op.f('fk_violations_decided_by')),
    sa.ForeignKeyConstraint(['region_code'], ['regions.code'], name=op.f('fk_violations_region_code')),
    sa.ForeignKeyConstraint(['subject_id'], ['subjects.id'], name=op.f('fk_violations_subject_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_violations')),
    sa.UniqueConstraint('check_id', 'item_code', name=op.f('uq_violations_check_id_item_code')),
    sa.UniqueConstraint('uuid', name=op.f('uq_violations_uuid'))
    )
    op.create_index(op.f('ix_violations_case_id'), 'violations', ['case_id'], unique=False)
    op.create_index(op.f('ix_violations_region_code_state'), 'violations', ['region_code', 'state'], unique=False)
    op.create_index(op.f('ix_violations_subject_id'), 'violations', ['subject_id'], unique=False)
    op.create_table('bulletin_violations',
    sa.Column('bulletin_id', KEY, nullable=False),
    sa.Column('violation_id', KEY, nullable=False),
    sa.Column('severity', sa.String(length=10), nullable=False),
    sa.Column('counted', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['bulletin_id'], ['bulletins.id'], name=op.f('fk_bulletin_violations_bulletin_id')),
    sa.ForeignKeyConstraint(['violation_id'], ['violations.id'], name=op.f('fk_bulletin_violations_violation_id')),
    sa.PrimaryKeyConstraint('bulletin_id', 'violation_id', name=op.f('pk_bulletin_violations'))
    )
    op.create_index(op.f('ix_bulletin_violations_violation_id'), 'bulletin_violations', ['violation_id'], unique=False)


def downgrade() -> None:
    op.drop_index(op.f('ix_bulletin_violations_violation_id'), table_name='bulletin_violations')
    op.drop_table('bulletin_violations')
    op.drop_index(op.f('ix_violations_subject_id'), table_name='violations')
    op.drop_index(op.f('ix_violations_region_code_state'), table_name='violations')
    op.drop_index(op.f('ix_violations_case_id'), table_name='violations')
    op.drop_table('violations')
    op.drop_table('photo_hashes')
    op.drop_index(op.f('ix_likenesses_earlier_id'), table_name='likenesses')
    op.drop_table('likenesses')
    op.drop_index(op.f('ix_evidence_slots_photo_uuid'), table_name='evidence_slots')
    op.drop_index(op.f('ix_evidence_slots_evidence_id'), table_name='evidence_slots')
    op.drop_table('evidence_slots')
    op.drop_geospatial_index('idx_evidence_places_point', table_name='evidence_places', postgresql_using='gist', column_name='point')
    op.drop_geospatial_table('evidence_places')
    op.drop_table('custody_entries')
    op.drop_geospatial_index('idx_check_places_point', table_name='check_places', postgresql_using='gist', column_name='point')
    op.drop_geospatial_table('check_places')
    op.drop_index(op.f('ix_check_officers_officer_id'), table_name='check_officers')
    op.drop_table('check_officers')
    op.drop_index(op.f('ix_check_notes_check_id'), table_name='check_notes')
    op.drop_table('check_notes')
    op.drop_index(op.f('ix_cases_subject_id'), table_name='cases')
    op.drop_index(op.f('ix_cases_region_code'), table_name='cases')
    op.drop_table('cases')
    op.drop_index(op.f('ix_bulletin_checks_check_id'), table_name='bulletin_checks')
    op.drop_table('bulletin_checks')
    op.drop_index(op.f('ix_answers_item_code_outcome'), table_name='answers')
    op.drop_table('answers')
    op.drop_index(op.f('ix_evidence_state_id'), table_name='evidence')
    op.drop_index(op.f('ix_evidence_sha256'), table_name='evidence')
    op.drop_index(op.f('ix_evidence_region_code'), table_name='evidence')
    op.drop_index(op.f('ix_evidence_check_uuid'), table_name='evidence')
    op.drop_table('evidence')
    op.drop_index(op.f('ix_checks_subject_id_ended_at'), table_name='checks')
    op.drop_index(op.f('ix_checks_region_code_ended_at'), table_name='checks')
    op.drop_index(op.f('ix_checks_ended_on'), table_name='checks')
    op.drop_index(op.f('ix_checks_checklist_version_id'), table_name='checks')
    op.drop_table('checks')
    op.drop_index(op.f('ix_bulletin_steps_bulletin_id'), table_name='bulletin_steps')
    op.drop_table('bulletin_steps')
    op.drop_index(op.f('ix_user_grants_user_id'), table_name='user_grants')
    op.drop_table('user_grants')
    op.drop_index(op.f('ix_devices_user_id'), table_name='devices')
    op.drop_table('devices')
    op.drop_index(op.f('ix_console_sessions_user_id'), table_name='console_sessions')
    op.drop_table('console_sessions')
    op.drop_index(op.f('ix_bulletins_region_code'), table_name='bulletins')
    op.drop_table('bulletins')
    op.drop_table('users')
    op.drop_geospatial_index('idx_subject_places_centre', table_name='subject_places', postgresql_using='gist', column_name='centre')
    op.drop_geospatial_index('idx_subject_places_boundary', table_name='subject_places', postgresql_using='gist', column_name='boundary')
    op.drop_geospatial_table('subject_places')
    op.drop_index(op.f('ix_subject_parties_subject_id'), table_name='subject_parties')
    op.drop_table('subject_parties')
    op.drop_index(op.f('ix_subjects_region_code_frame'), table_name='subjects')
    op.drop_table('subjects')
    op.drop_index(op.f('ix_public_records_publication_id_id'), table_name='public_records')
    op.drop_index(op.f('ix_public_records_publication_id_section_code_outcome'), table_name='public_records')
    op.drop_table('public_records')
    op.drop_index(op.f('ix_officers_region_code'), table_name='officers')
    op.drop_table('officers')
    op.drop_index(op.f('ix_region_ancestors_region_code_ancestor_code'), table_name='region_ancestors')
    op.drop_table('region_ancestors')
    op.drop_index(op.f('ix_publications_source_uuid'), table_name='publications')
    op.drop_index(op.f('ix_publications_slug'), table_name='publications')
    op.drop_index(op.f('ix_publications_region_code'), table_name='publications')
    op.drop_index(op.f('ix_publications_kind_published_at'), table_name='publications')
    op.drop_table('publications')
    op.drop_index(op.f('ix_organisations_region_code'), table_name='organisations')
    op.drop_index(op.f('ix_organisations_name'), table_name='organisations')
    op.drop_table('organisations')
    op.drop_table('regions')
    op.drop_index(op.f('ix_public_photos_evidence_id'), table_name='public_photos')
    op.drop_table('public_photos')
    op.drop_index('ix_outbox_open', table_name='outbox', sqlite_where=sa.text('done_at IS NULL'), postgresql_where=sa.text('done_at IS NULL'))
    op.drop_table('outbox')
    op.drop_index(op.f('ix_login_attempts_key_sha256_at'), table_name='login_attempts')
    op.drop_table('login_attempts')
    op.drop_table('checklist_versions')
