close changes
