Rails.application.routes.draw do
  root "listings#index"
  resources :listings do
    resources :photos, only: %i[create destroy]
  end
  resources :bookings, only: %i[index show create update destroy] do
    post :cancel, on: :member
  end
  resources :messages, only: %i[index show create]
  resource :session, only: %i[new create destroy]
  resource :account, only: %i[show update]
  resources :passwords, only: %i[new create]
  post "hooks/payment", to: "hooks#payment"

  namespace :admin do
    resources :users, only: %i[index update destroy]
    resources :payouts
    post "exports", to: "exports#create"
  end
end
