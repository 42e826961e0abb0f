Rails.application.routes.draw do
  resources :events do
    post :export, on: :collection
  end
  get '/search', to: 'search#index'
  get '/go', to: 'search#go'
  post '/login', to: 'sessions#create'
  resources :users, only: %i[show update]
  get '/admin/run', to: 'admin#run_report'
end
