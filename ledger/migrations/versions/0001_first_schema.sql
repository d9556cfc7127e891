-- The first schema: every room's tables, in the order their references need. Written from the models and reviewed; never edited again.

CREATE TABLE agreement (
    id BYTEA NOT NULL,
    kind TEXT NOT NULL,
    base_length BIGINT NOT NULL,
    base_digest BYTEA NOT NULL,
    terms_root BYTEA NOT NULL,
    valid_from BIGINT NOT NULL,
    valid_to BIGINT NOT NULL,
    supersedes BYTEA,
    deadline BIGINT NOT NULL,
    lookup_code TEXT NOT NULL,
    sealed_digest BYTEA,
    created_s BIGINT DEFAULT extract(epoch FROM now())::bigint NOT NULL,
    CONSTRAINT pk_agreement PRIMARY KEY (id),
    CONSTRAINT ck_agreement_id_is_32_bytes CHECK (octet_length(id) = 32),
    CONSTRAINT ck_agreement_digests_are_32_bytes CHECK (octet_length(base_digest) = 32 AND octet_length(terms_root) = 32),
    CONSTRAINT ck_agreement_sealed_digest_is_32_bytes CHECK (octet_length(sealed_digest) = 32),
    CONSTRAINT ck_agreement_base_is_not_empty CHECK (base_length > 0),
    CONSTRAINT ck_agreement_validity_runs_forward CHECK (valid_from < valid_to),
    CONSTRAINT fk_agreement_supersedes_agreement FOREIGN KEY(supersedes) REFERENCES agreement (id),
    CONSTRAINT uq_agreement_lookup_code UNIQUE (lookup_code),
    CONSTRAINT uq_agreement_sealed_digest UNIQUE (sealed_digest)
);

CREATE TABLE imported_interval (
    home_id BIGINT NOT NULL,
    start BIGINT NOT NULL,
    import_wh BIGINT NOT NULL,
    export_wh BIGINT NOT NULL,
    import_id INTEGER NOT NULL,
    CONSTRAINT pk_imported_interval PRIMARY KEY (home_id, start),
    CONSTRAINT ck_imported_interval_not_negative CHECK (import_wh >= 0 AND export_wh >= 0)
);

CREATE TABLE indexed_block (
    number BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    parent_hash BYTEA NOT NULL,
    timestamp BIGINT NOT NULL,
    CONSTRAINT pk_indexed_block PRIMARY KEY (number)
);

CREATE TABLE outbox_intent (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    key TEXT NOT NULL,
    contract TEXT NOT NULL,
    function TEXT NOT NULL,
    calldata BYTEA NOT NULL,
    state TEXT NOT NULL,
    error TEXT,
    sender BYTEA,
    nonce BIGINT,
    gas_limit BIGINT,
    tx_hash BYTEA,
    block_number BIGINT,
    block_hash BYTEA,
    gas_used BIGINT,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_outbox_intent PRIMARY KEY (id),
    CONSTRAINT uq_outbox_intent_sender UNIQUE (sender, nonce),
    CONSTRAINT ck_outbox_intent_state_known CHECK (state IN ('queued', 'sent', 'mined', 'final', 'failed')),
    CONSTRAINT ck_outbox_intent_mined_has_block CHECK (state NOT IN ('mined', 'final') OR block_number IS NOT NULL),
    CONSTRAINT ck_outbox_intent_sent_has_nonce CHECK (state NOT IN ('sent', 'mined', 'final') OR (nonce IS NOT NULL AND tx_hash IS NOT NULL)),
    CONSTRAINT ck_outbox_intent_queued_has_no_nonce CHECK (state <> 'queued' OR nonce IS NULL),
    CONSTRAINT ck_outbox_intent_failed_says_why CHECK (state <> 'failed' OR error IS NOT NULL),
    CONSTRAINT ck_outbox_intent_calldata_has_selector CHECK (octet_length(calldata) >= 4),
    CONSTRAINT uq_outbox_intent_key UNIQUE (key)
);
CREATE INDEX ix_outbox_intent_block_number ON outbox_intent (block_number);
CREATE INDEX ix_outbox_intent_open ON outbox_intent (state, id) WHERE state IN ('queued', 'sent', 'mined');
CREATE INDEX ix_outbox_intent_tx_hash ON outbox_intent (tx_hash);

CREATE TABLE party (
    id BYTEA NOT NULL,
    label TEXT NOT NULL,
    role TEXT NOT NULL,
    name TEXT,
    signer BYTEA NOT NULL,
    salt_key BYTEA,
    created_s BIGINT DEFAULT extract(epoch FROM now())::bigint NOT NULL,
    CONSTRAINT pk_party PRIMARY KEY (id),
    CONSTRAINT ck_party_id_is_32_bytes CHECK (octet_length(id) = 32),
    CONSTRAINT ck_party_salt_key_is_32_bytes CHECK (octet_length(salt_key) = 32),
    CONSTRAINT ck_party_signer_is_erc7913 CHECK (octet_length(signer) >= 20),
    CONSTRAINT ck_party_label_is_given CHECK (label <> ''),
    CONSTRAINT ck_party_role_is_known CHECK (role IN ('owner', 'utility', 'oracle')),
    CONSTRAINT uq_party_label UNIQUE (label)
);

CREATE TABLE zone (
    id BYTEA NOT NULL,
    name TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    region TEXT NOT NULL,
    interval_s INTEGER NOT NULL,
    utc_offset_s INTEGER NOT NULL,
    gate_lead_s BIGINT NOT NULL,
    challenge_window_s BIGINT NOT NULL,
    mechanism SMALLINT NOT NULL,
    published_price_vnd_per_kwh BIGINT NOT NULL,
    retail_price_vnd_per_kwh BIGINT NOT NULL,
    price_reference TEXT NOT NULL,
    intent_id BIGINT,
    CONSTRAINT pk_zone PRIMARY KEY (id),
    CONSTRAINT uq_zone_name UNIQUE (name),
    CONSTRAINT ck_zone_id_length CHECK (octet_length(id) = 32),
    CONSTRAINT ck_zone_region CHECK (region IN ('north', 'centre', 'south')),
    CONSTRAINT ck_zone_interval_divides_day CHECK (interval_s BETWEEN 60 AND 86400 AND 86400 % interval_s = 0),
    CONSTRAINT ck_zone_utc_offset CHECK (utc_offset_s BETWEEN -50400 AND 50400),
    CONSTRAINT ck_zone_windows CHECK (gate_lead_s BETWEEN 0 AND 4294967295 AND challenge_window_s BETWEEN 0 AND 4294967295),
    CONSTRAINT ck_zone_mechanism CHECK (mechanism IN (1, 2)),
    CONSTRAINT ck_zone_published_price CHECK (published_price_vnd_per_kwh BETWEEN 0 AND 4294967295),
    CONSTRAINT ck_zone_retail_price CHECK (retail_price_vnd_per_kwh BETWEEN published_price_vnd_per_kwh AND 4294967295)
);

CREATE TABLE agreement_act (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    agreement_id BYTEA NOT NULL,
    act TEXT NOT NULL,
    party_id BYTEA,
    effective_at BIGINT,
    deadline BIGINT,
    signer BYTEA,
    signature BYTEA,
    intent_id BIGINT NOT NULL,
    CONSTRAINT pk_agreement_act PRIMARY KEY (id),
    CONSTRAINT ck_agreement_act_act_is_known CHECK (act IN ('record', 'terminate')),
    CONSTRAINT ck_agreement_act_termination_is_signed CHECK ((act = 'terminate') = (signature IS NOT NULL)),
    CONSTRAINT uq_agreement_act_intent_id UNIQUE (intent_id),
    CONSTRAINT fk_agreement_act_agreement_id_agreement FOREIGN KEY(agreement_id) REFERENCES agreement (id),
    CONSTRAINT fk_agreement_act_party_id_party FOREIGN KEY(party_id) REFERENCES party (id),
    CONSTRAINT fk_agreement_act_intent_id_outbox_intent FOREIGN KEY(intent_id) REFERENCES outbox_intent (id)
);
CREATE INDEX ix_agreement_act_agreement_id ON agreement_act (agreement_id);

CREATE TABLE agreement_signatory (
    agreement_id BYTEA NOT NULL,
    place INTEGER NOT NULL,
    party_id BYTEA NOT NULL,
    signer BYTEA,
    signature BYTEA,
    CONSTRAINT pk_agreement_signatory PRIMARY KEY (agreement_id, place),
    CONSTRAINT uq_agreement_signatory_agreement_id UNIQUE (agreement_id, party_id),
    CONSTRAINT ck_agreement_signatory_signed_by_a_signer CHECK ((signer IS NULL) = (signature IS NULL)),
    CONSTRAINT fk_agreement_signatory_agreement_id_agreement FOREIGN KEY(agreement_id) REFERENCES agreement (id),
    CONSTRAINT fk_agreement_signatory_party_id_party FOREIGN KEY(party_id) REFERENCES party (id)
);
CREATE INDEX ix_agreement_signatory_party_id ON agreement_signatory (party_id);

CREATE TABLE agreement_term (
    agreement_id BYTEA NOT NULL,
    path TEXT NOT NULL,
    value TEXT NOT NULL,
    CONSTRAINT pk_agreement_term PRIMARY KEY (agreement_id, path),
    CONSTRAINT fk_agreement_term_agreement_id_agreement FOREIGN KEY(agreement_id) REFERENCES agreement (id)
);

CREATE TABLE anchor (
    zone_id BYTEA NOT NULL,
    period_start BIGINT NOT NULL,
    version BIGINT NOT NULL,
    period_end BIGINT NOT NULL,
    root BYTEA NOT NULL,
    count BIGINT NOT NULL,
    signers BYTEA[] NOT NULL,
    signatures BYTEA[] NOT NULL,
    intent_id BIGINT NOT NULL,
    CONSTRAINT pk_anchor PRIMARY KEY (zone_id, period_start, version),
    CONSTRAINT fk_anchor_zone_id_zone FOREIGN KEY(zone_id) REFERENCES zone (id),
    CONSTRAINT ck_anchor_version_and_count CHECK (version >= 1 AND count >= 0),
    CONSTRAINT ck_anchor_root_length CHECK (octet_length(root) = 32),
    CONSTRAINT ck_anchor_period CHECK (period_start < period_end),
    CONSTRAINT ck_anchor_one_signature_a_signer CHECK (cardinality(signers) = cardinality(signatures))
);

CREATE TABLE chain_event (
    block_number BIGINT NOT NULL,
    log_index BIGINT NOT NULL,
    block_hash BYTEA NOT NULL,
    tx_hash BYTEA NOT NULL,
    contract TEXT NOT NULL,
    event TEXT NOT NULL,
    args JSONB NOT NULL,
    CONSTRAINT pk_chain_event PRIMARY KEY (block_number, log_index),
    CONSTRAINT fk_chain_event_block_number_indexed_block FOREIGN KEY(block_number) REFERENCES indexed_block (number) ON DELETE CASCADE
);
CREATE INDEX ix_chain_event_agreement ON chain_event ((args ->> 'id')) WHERE contract = 'AgreementRegistry';
CREATE INDEX ix_chain_event_kind ON chain_event (contract, event, block_number);
CREATE INDEX ix_chain_event_tx_hash ON chain_event (tx_hash);

CREATE TABLE clearing (
    zone_id BYTEA NOT NULL,
    start BIGINT NOT NULL,
    readings_version BIGINT NOT NULL,
    "end" BIGINT NOT NULL,
    orders_root BYTEA NOT NULL,
    mechanism SMALLINT NOT NULL,
    price_vnd_per_kwh BIGINT NOT NULL,
    published_price_vnd_per_kwh BIGINT NOT NULL,
    retail_price_vnd_per_kwh BIGINT NOT NULL,
    surplus_wh BIGINT NOT NULL,
    demand_wh BIGINT NOT NULL,
    traded_wh BIGINT NOT NULL,
    to_utility_wh BIGINT NOT NULL,
    from_utility_wh BIGINT NOT NULL,
    unpaid_wh BIGINT NOT NULL,
    fills_root BYTEA NOT NULL,
    fills_count BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    intent_id BIGINT NOT NULL,
    CONSTRAINT pk_clearing PRIMARY KEY (zone_id, start, readings_version),
    CONSTRAINT ck_clearing_mechanism CHECK (mechanism IN (1, 2)),
    CONSTRAINT ck_clearing_surplus_balances CHECK (surplus_wh = traded_wh + to_utility_wh),
    CONSTRAINT ck_clearing_demand_balances CHECK (demand_wh = traded_wh + from_utility_wh),
    CONSTRAINT ck_clearing_unpaid_reached_the_grid CHECK (unpaid_wh BETWEEN 0 AND to_utility_wh),
    CONSTRAINT ck_clearing_not_negative CHECK (traded_wh >= 0 AND from_utility_wh >= 0 AND fills_count >= 0),
    CONSTRAINT ck_clearing_hash_lengths CHECK (octet_length(orders_root) = 32 AND octet_length(fills_root) = 32 AND octet_length(hash) = 32),
    CONSTRAINT fk_clearing_zone_id_zone FOREIGN KEY(zone_id) REFERENCES zone (id),
    CONSTRAINT fk_clearing_intent_id_outbox_intent FOREIGN KEY(intent_id) REFERENCES outbox_intent (id)
);

CREATE TABLE import (
    id SERIAL NOT NULL,
    zone_id BYTEA NOT NULL,
    file_name TEXT NOT NULL,
    sha256 BYTEA NOT NULL,
    settings JSONB NOT NULL,
    rows BIGINT NOT NULL,
    homes INTEGER NOT NULL,
    first_start BIGINT NOT NULL,
    last_end BIGINT NOT NULL,
    imported_s BIGINT DEFAULT extract(epoch FROM now())::bigint NOT NULL,
    CONSTRAINT pk_import PRIMARY KEY (id),
    CONSTRAINT uq_import_zone_id UNIQUE (zone_id, sha256),
    CONSTRAINT ck_import_sha256_length CHECK (octet_length(sha256) = 32),
    CONSTRAINT fk_import_zone_id_zone FOREIGN KEY(zone_id) REFERENCES zone (id)
);

CREATE TABLE imported_home (
    id BIGINT NOT NULL,
    zone_id BYTEA NOT NULL,
    label TEXT NOT NULL,
    capacity_w BIGINT,
    CONSTRAINT pk_imported_home PRIMARY KEY (id),
    CONSTRAINT uq_imported_home_zone_id UNIQUE (zone_id, label),
    CONSTRAINT ck_imported_home_capacity CHECK (capacity_w >= 0),
    CONSTRAINT fk_imported_home_zone_id_zone FOREIGN KEY(zone_id) REFERENCES zone (id)
);

CREATE TABLE meter (
    id BYTEA NOT NULL,
    label TEXT NOT NULL,
    party_id BYTEA NOT NULL,
    zone_id BYTEA NOT NULL,
    signer BYTEA NOT NULL,
    capacity_w BIGINT NOT NULL,
    valid_from BIGINT NOT NULL,
    valid_to BIGINT NOT NULL,
    intent_id BIGINT,
    CONSTRAINT pk_meter PRIMARY KEY (id),
    CONSTRAINT uq_meter_zone_id UNIQUE (zone_id, label),
    CONSTRAINT ck_meter_id_length CHECK (octet_length(id) = 32),
    CONSTRAINT ck_meter_signer_length CHECK (octet_length(signer) >= 20),
    CONSTRAINT ck_meter_capacity CHECK (capacity_w >= 0),
    CONSTRAINT ck_meter_validity CHECK (valid_from >= 0 AND valid_from < valid_to),
    CONSTRAINT fk_meter_party_id_party FOREIGN KEY(party_id) REFERENCES party (id),
    CONSTRAINT fk_meter_zone_id_zone FOREIGN KEY(zone_id) REFERENCES zone (id)
);
CREATE INDEX ix_meter_party_id ON meter (party_id);

CREATE TABLE orders_commitment (
    zone_id BYTEA NOT NULL,
    start BIGINT NOT NULL,
    root BYTEA NOT NULL,
    count BIGINT NOT NULL,
    digests BYTEA[] NOT NULL,
    mechanism SMALLINT NOT NULL,
    committed_s BIGINT NOT NULL,
    intent_id BIGINT NOT NULL,
    CONSTRAINT pk_orders_commitment PRIMARY KEY (zone_id, start),
    CONSTRAINT ck_orders_commitment_root_length CHECK (octet_length(root) = 32),
    CONSTRAINT ck_orders_commitment_count CHECK (count = cardinality(digests)),
    CONSTRAINT ck_orders_commitment_mechanism CHECK (mechanism IN (1, 2)),
    CONSTRAINT fk_orders_commitment_zone_id_zone FOREIGN KEY(zone_id) REFERENCES zone (id),
    CONSTRAINT fk_orders_commitment_intent_id_outbox_intent FOREIGN KEY(intent_id) REFERENCES outbox_intent (id)
);

CREATE TABLE sent_transaction (
    tx_hash BYTEA NOT NULL,
    intent_id BIGINT NOT NULL,
    raw BYTEA NOT NULL,
    sender BYTEA NOT NULL,
    nonce BIGINT NOT NULL,
    max_fee_wei BIGINT NOT NULL,
    tip_wei BIGINT NOT NULL,
    signed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_sent_transaction PRIMARY KEY (tx_hash),
    CONSTRAINT ck_sent_transaction_hash_length CHECK (octet_length(tx_hash) = 32),
    CONSTRAINT fk_sent_transaction_intent_id_outbox_intent FOREIGN KEY(intent_id) REFERENCES outbox_intent (id)
);
CREATE INDEX ix_sent_transaction_intent_id ON sent_transaction (intent_id);

CREATE TABLE settlement_run (
    zone_id BYTEA NOT NULL,
    period_start BIGINT NOT NULL,
    run BIGINT NOT NULL,
    period_end BIGINT NOT NULL,
    readings_version BIGINT NOT NULL,
    positions_root BYTEA NOT NULL,
    positions_count BIGINT NOT NULL,
    buyers_pay_mvnd NUMERIC(38, 0) NOT NULL,
    sellers_get_mvnd NUMERIC(38, 0) NOT NULL,
    utility_pays_mvnd NUMERIC(38, 0) NOT NULL,
    utility_gets_mvnd NUMERIC(38, 0) NOT NULL,
    hash BYTEA NOT NULL,
    intent_id BIGINT NOT NULL,
    CONSTRAINT pk_settlement_run PRIMARY KEY (zone_id, period_start, run),
    CONSTRAINT ck_settlement_run_counts CHECK (run >= 1 AND readings_version >= 1 AND positions_count >= 0),
    CONSTRAINT ck_settlement_run_period CHECK (period_start < period_end),
    CONSTRAINT ck_settlement_run_money_is_conserved CHECK (buyers_pay_mvnd + utility_pays_mvnd = sellers_get_mvnd + utility_gets_mvnd),
    CONSTRAINT ck_settlement_run_not_negative CHECK (LEAST(buyers_pay_mvnd, utility_pays_mvnd, sellers_get_mvnd, utility_gets_mvnd) >= 0),
    CONSTRAINT ck_settlement_run_hash_lengths CHECK (octet_length(positions_root) = 32 AND octet_length(hash) = 32),
    CONSTRAINT fk_settlement_run_zone_id_zone FOREIGN KEY(zone_id) REFERENCES zone (id),
    CONSTRAINT fk_settlement_run_intent_id_outbox_intent FOREIGN KEY(intent_id) REFERENCES outbox_intent (id)
);

CREATE TABLE signer_change (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    party_id BYTEA NOT NULL,
    change TEXT NOT NULL,
    nonce BIGINT NOT NULL,
    deadline BIGINT NOT NULL,
    signer BYTEA NOT NULL,
    old_signer BYTEA,
    intent_id BIGINT NOT NULL,
    CONSTRAINT pk_signer_change PRIMARY KEY (id),
    CONSTRAINT ck_signer_change_change_is_known CHECK (change IN ('register', 'rotate', 'revoke')),
    CONSTRAINT ck_signer_change_nonce_counts_up CHECK (nonce >= 0),
    CONSTRAINT uq_signer_change_intent_id UNIQUE (intent_id),
    CONSTRAINT fk_signer_change_party_id_party FOREIGN KEY(party_id) REFERENCES party (id),
    CONSTRAINT fk_signer_change_intent_id_outbox_intent FOREIGN KEY(intent_id) REFERENCES outbox_intent (id)
);
CREATE INDEX ix_signer_change_party_id ON signer_change (party_id);

CREATE TABLE fill (
    zone_id BYTEA NOT NULL,
    start BIGINT NOT NULL,
    readings_version BIGINT NOT NULL,
    index BIGINT NOT NULL,
    party_id BYTEA NOT NULL,
    meter_id BYTEA NOT NULL,
    order_digest BYTEA NOT NULL,
    side SMALLINT NOT NULL,
    leg TEXT NOT NULL,
    quantity_wh BIGINT NOT NULL,
    price_vnd_per_kwh BIGINT NOT NULL,
    leaf_hash BYTEA NOT NULL,
    CONSTRAINT pk_fill PRIMARY KEY (zone_id, start, readings_version, index),
    CONSTRAINT clearing FOREIGN KEY(zone_id, start, readings_version) REFERENCES clearing (zone_id, start, readings_version),
    CONSTRAINT ck_fill_side CHECK (side IN (0, 1)),
    CONSTRAINT ck_fill_leg CHECK (leg IN ('pool', 'utility', 'unpaid')),
    CONSTRAINT ck_fill_order_of_the_pool CHECK ((leg = 'pool') = (order_digest <> decode(repeat('00', 32), 'hex'))),
    CONSTRAINT ck_fill_unpaid CHECK (leg <> 'unpaid' OR (side = 0 AND price_vnd_per_kwh = 0)),
    CONSTRAINT ck_fill_quantity CHECK (quantity_wh > 0),
    CONSTRAINT fk_fill_party_id_party FOREIGN KEY(party_id) REFERENCES party (id),
    CONSTRAINT fk_fill_meter_id_meter FOREIGN KEY(meter_id) REFERENCES meter (id)
);
CREATE INDEX ix_fill_party ON fill (party_id, start);

CREATE TABLE position (
    zone_id BYTEA NOT NULL,
    period_start BIGINT NOT NULL,
    run BIGINT NOT NULL,
    party_id BYTEA NOT NULL,
    sold_wh NUMERIC(20, 0) NOT NULL,
    bought_wh NUMERIC(20, 0) NOT NULL,
    net_mvnd NUMERIC(38, 0) NOT NULL,
    leaf_hash BYTEA NOT NULL,
    CONSTRAINT pk_position PRIMARY KEY (zone_id, period_start, run, party_id),
    CONSTRAINT run FOREIGN KEY(zone_id, period_start, run) REFERENCES settlement_run (zone_id, period_start, run),
    CONSTRAINT ck_position_not_negative CHECK (sold_wh >= 0 AND bought_wh >= 0),
    CONSTRAINT fk_position_party_id_party FOREIGN KEY(party_id) REFERENCES party (id)
);
CREATE INDEX ix_position_party ON position (party_id, period_start);

CREATE TABLE profile (
    meter_id BYTEA NOT NULL,
    period_start BIGINT NOT NULL,
    version BIGINT NOT NULL,
    interval_s INTEGER NOT NULL,
    import_wh BIGINT[] NOT NULL,
    export_wh BIGINT[] NOT NULL,
    signature BYTEA NOT NULL,
    CONSTRAINT pk_profile PRIMARY KEY (meter_id, period_start, version),
    CONSTRAINT ck_profile_version CHECK (version >= 1),
    CONSTRAINT ck_profile_whole_day CHECK (cardinality(import_wh) = 86400 / interval_s AND cardinality(export_wh) = cardinality(import_wh)),
    CONSTRAINT fk_profile_meter_id_meter FOREIGN KEY(meter_id) REFERENCES meter (id)
);

CREATE TABLE reading (
    meter_id BYTEA NOT NULL,
    start BIGINT NOT NULL,
    version BIGINT NOT NULL,
    zone_id BYTEA NOT NULL,
    import_wh BIGINT NOT NULL,
    export_wh BIGINT NOT NULL,
    quality SMALLINT NOT NULL,
    salted BOOLEAN NOT NULL,
    leaf_hash BYTEA NOT NULL,
    CONSTRAINT pk_reading PRIMARY KEY (meter_id, start, version),
    CONSTRAINT ck_reading_version CHECK (version >= 1),
    CONSTRAINT ck_reading_not_negative CHECK (import_wh >= 0 AND export_wh >= 0),
    CONSTRAINT ck_reading_quality CHECK (quality BETWEEN 0 AND 4),
    CONSTRAINT ck_reading_leaf_hash_length CHECK (octet_length(leaf_hash) = 32),
    CONSTRAINT fk_reading_meter_id_meter FOREIGN KEY(meter_id) REFERENCES meter (id)
);
CREATE INDEX ix_reading_period ON reading (zone_id, start, version);

CREATE TABLE standing_order (
    digest BYTEA NOT NULL,
    party_id BYTEA NOT NULL,
    meter_id BYTEA NOT NULL,
    zone_id BYTEA NOT NULL,
    side SMALLINT NOT NULL,
    steps JSONB NOT NULL,
    valid_from BIGINT NOT NULL,
    valid_to BIGINT NOT NULL,
    nonce NUMERIC(20, 0) NOT NULL,
    signer BYTEA NOT NULL,
    signature BYTEA NOT NULL,
    placed_s BIGINT NOT NULL,
    cancelled_s BIGINT,
    cancel_intent_id BIGINT,
    CONSTRAINT pk_standing_order PRIMARY KEY (digest),
    CONSTRAINT uq_standing_order_meter_id UNIQUE (meter_id, side, nonce),
    CONSTRAINT ck_standing_order_digest_length CHECK (octet_length(digest) = 32),
    CONSTRAINT ck_standing_order_side CHECK (side IN (0, 1)),
    CONSTRAINT ck_standing_order_validity CHECK (valid_from >= 0 AND valid_from < valid_to),
    CONSTRAINT ck_standing_order_steps CHECK (jsonb_array_length(steps) BETWEEN 1 AND 16),
    CONSTRAINT ck_standing_order_nonce CHECK (nonce BETWEEN 0 AND 18446744073709551615),
    CONSTRAINT fk_standing_order_party_id_party FOREIGN KEY(party_id) REFERENCES party (id),
    CONSTRAINT fk_standing_order_meter_id_meter FOREIGN KEY(meter_id) REFERENCES meter (id),
    CONSTRAINT fk_standing_order_zone_id_zone FOREIGN KEY(zone_id) REFERENCES zone (id),
    CONSTRAINT fk_standing_order_cancel_intent_id_outbox_intent FOREIGN KEY(cancel_intent_id) REFERENCES outbox_intent (id)
);
CREATE INDEX ix_standing_order_party_id ON standing_order (party_id);
CREATE INDEX ix_standing_order_zone_validity ON standing_order (zone_id, valid_from, valid_to);
