-- Run by the migrator before the migrations. Where something is to be made, as a role that may create roles; where all is
-- there, a member of relink_owner is enough. Roles belong to the whole cluster, so two databases migrated at once may meet
-- here: whoever comes second finds them made.
do $$
declare
    role_name text;
    -- From 16 on a member may act as a role only if that was granted too, and who made a role need not be one.
    acting text := case when current_setting('server_version_num')::integer < 160000 then 'MEMBER' else 'SET' end;
begin
    foreach role_name in array array['relink_owner', 'relink_worker', 'relink_scheduler', 'relink_reader', 'relink_operator'] loop
        continue when exists (select from pg_roles r where r.rolname = role_name);
        begin
            execute format('create role %I %s', role_name,
                case role_name when 'relink_owner' then 'nologin' else 'login' end);
        exception when duplicate_object or unique_violation then null;
        end;
    end loop;
    -- True of superusers.
    if not pg_has_role(current_user, 'relink_owner', acting) then
        begin
            execute format('grant relink_owner to %I', current_user);
        exception when insufficient_privilege then
            raise exception 'this login may not act as relink_owner: as a superuser, run: grant relink_owner to %', quote_ident(current_user)
                using errcode = '42501';
        end;
    end if;
    if exists (select from pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a
                where d.datname = current_database() and a.grantee = 0) then
        execute format('revoke all on database %I from public', current_database());
    end if;
    foreach role_name in array array['relink_worker', 'relink_scheduler', 'relink_reader', 'relink_operator'] loop
        continue when has_database_privilege(role_name, current_database(), 'connect');
        execute format('grant connect on database %I to %I', current_database(), role_name);
    end loop;
    if not (has_database_privilege('relink_owner', current_database(), 'connect')
            and has_database_privilege('relink_owner', current_database(), 'create')) then
        execute format('grant connect, create on database %I to relink_owner', current_database());
    end if;
    if exists (select from pg_namespace n, aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) a
                where n.nspname = 'public' and a.grantee = 0) then
        revoke all on schema public from public;
    end if;
    if to_regnamespace('relink') is null then
        create schema if not exists relink authorization relink_owner;
    end if;
end $$;
