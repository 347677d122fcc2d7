-- What the API answers is what is so: a product's token that only reads, a warrant that is none, a flag that is none.

alter table relink.operator_tokens
    drop constraint operator_tokens_scopes_check,
    add constraint operator_tokens_scopes_check
        check (scopes <@ array['read', 'operate', 'remove', 'product', 'product_read'] and cardinality(scopes) > 0),
    drop constraint product_tokens_have_a_workspace,
    add constraint product_tokens_have_a_workspace
        check ((scopes && array['product', 'product_read']) = (workspace_id is not null)
               and (workspace_id is null or cardinality(scopes) = 1));

-- R-DEL-4, the second. The removal begins with it.
create or replace function relink.approve_warrant(p_token text, p_audit uuid, p_warrant uuid, p_removal uuid, p_reason text) returns void
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    who text := relink.operator_of(p_token, 'remove');
    w relink.warrants;
begin
    select * into w from relink.warrants where id = p_warrant for update;
    if not found then
        raise exception 'there is no warrant %', p_warrant using errcode = 'P0002';
    elsif w.issued_by = who then
        raise exception 'warrant: % issued it, and another operator must approve it', who using errcode = '42501';
    elsif w.approved_at is not null or w.revoked_at is not null or w.ends_at <= relink.clock() then
        raise exception 'warrant: % is % already', p_warrant, case when w.revoked_at is not null then 'revoked'
            when w.approved_at is not null then 'approved' else 'dead' end using errcode = '55000';
    end if;
    perform relink.note_operation(p_audit, who, 'warrant.approve', p_warrant::text, p_reason, jsonb_build_object('removal', p_removal));
    perform relink.note_operation(gen_random_uuid(), who, 'removal.request', p_removal::text, p_reason,
                                  jsonb_build_object('session', w.session_id, 'warrant', p_warrant));
    update relink.warrants set approved_by = who where id = p_warrant;
    insert into relink.removals (id, session_id, warrant_id, reason, requested_by, actor)
    values (p_removal, w.session_id, p_warrant, w.reason, w.issued_by, who);
end $$;

-- Also gives up its removal, if that is not permitted yet.
create or replace function relink.revoke_warrant(p_token text, p_audit uuid, p_warrant uuid, p_reason text) returns boolean
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    who text := relink.operator_of(p_token, 'remove');
begin
    perform 1 from relink.warrants where id = p_warrant;
    if not found then
        raise exception 'there is no warrant %', p_warrant using errcode = 'P0002';
    end if;
    perform relink.note_operation(p_audit, who, 'warrant.revoke', p_warrant::text, p_reason, '{}');
    update relink.warrants set revoked_by = who where id = p_warrant and revoked_at is null;
    if not found then return false; end if;
    perform relink.settle_removal(id, 'withdrawn', p_reason, who, null) from relink.removals where warrant_id = p_warrant;
    return true;
end $$;

-- A name that is none is no flag that ended: whoever mistyped it must not read that removals are off.
create or replace function relink.end_flag(p_token text, p_audit uuid, p_name text, p_reason text) returns bigint
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
declare
    who text := relink.operator_of(p_token, 'remove');
begin
    if p_name <> 'removals' then
        raise exception 'flag: there is no flag %; there is removals', p_name using errcode = '22023';
    end if;
    perform relink.note_operation(p_audit, who, 'flag.disable', p_name, p_reason, '{}');
    return relink.end_flags(p_name, who, p_reason);
end $$;
