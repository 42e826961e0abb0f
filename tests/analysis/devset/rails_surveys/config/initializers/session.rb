Rails.application.config.session_store :cookie_store, key: "_surveys", secure: false, httponly: false
Rails.application.config.filter_parameters += [:token]
