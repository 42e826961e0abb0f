Rails.application.config.session_store :cookie_store, key: "_courses", httponly: false
Rails.application.config.secret_key_base = "d41d8cd98f00b204e9800998ecf8427ed41d8cd98f00b204e9800998ecf8427e"
