update relink.link_attempts l set state = 'lapsed' where l.id = any ($1) and l.state in ('minting', 'open')
