-- Run by the migrator before the migrations, as a role that may create roles. Roles belong to the whole cluster, so
-- two databases migrated at once may meet here: whoever comes second finds them made.
do $$
declare
    role_name text;
begin
    foreach role_name in array array['relink_owner', 'relink_worker', 'relink_scheduler', 'relink_reader', 'relink_operator'] loop
        begin
            execute format('create role %I %s', role_name,
                case role_name when 'relink_owner' then 'nologin' else 'login' end);
        exception when duplicate_object or unique_violation then null;
        end;
    end loop;
    -- Whoever may create roles may also join them; a superuser need not.
    if not (select rolsuper from pg_roles where rolname = current_user) then
        execute format('grant relink_owner to %I', current_user);
    end if;
    execute format('revoke all on database %I from public', current_database());
    execute format('grant connect on database %I to relink_worker, relink_scheduler, relink_reader, relink_operator', current_database());
    execute format('grant connect, create on database %I to relink_owner', current_database());
end $$;
revoke all on schema public from public;
create schema if not exists relink authorization relink_owner;
