Rails.application.routes.draw do
  root "surveys#index"
  resources :surveys do
    resources :answers, only: %i[index create]
    member { get :close }
  end
  resource :session, only: %i[new create destroy]
  resources :users, only: %i[create update show]
  resources :uploads, only: %i[create show]
  get "/tools/:action", controller: "tools"
  namespace :admin do
    resources :users, only: %i[index destroy]
    resource :import, only: :create
  end
end
