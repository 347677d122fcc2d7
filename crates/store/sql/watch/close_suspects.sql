close suspects
